#include "ctl/text_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hub::ctl {
namespace {

TEST(TextTable, ColumnsAreAligned) {
    std::ostringstream out;
    TextTable table{"ID", "STATE", "NOTE"};
    table.add({"lamp", "on", "x"});
    table.add({"caf\xc3\xa9", "", ""});
    table.flush(out);
    EXPECT_EQ(out.str(),
              "ID    STATE  NOTE\n"
              "lamp  on     x\n"
              "caf\xc3\xa9  -      -\n");
}

TEST(TextTable, LaterRowsKeepTheWidthsOfEarlierOnes) {
    std::ostringstream out;
    TextTable table{"ID", "STATE"};
    table.add({"weather-1", "on"});
    table.flush(out);
    out.str("");
    table.add({"lamp", "on"});
    table.flush(out);
    EXPECT_EQ(out.str(), "lamp       on\n");
}

TEST(TextTable, CellsAreMadePrintable) {
    std::ostringstream out;
    TextTable table{"ID"};
    table.add({"\x1b[2J"});
    table.flush(out);
    EXPECT_EQ(out.str(), "ID\n\\u001b[2J\n");
}

TEST(TextTable, WithoutHeadingsBeginsWithItsRows) {
    TextTable table(2);
    std::ostringstream out;
    table.add({"lamp", "sent"});
    table.flush(out);
    table.add({"a", "timeout"});
    table.flush(out);
    EXPECT_EQ(out.str(), "lamp  sent\na     timeout\n");
}

}  // namespace
}  // namespace hub::ctl
