#include "ctl/state_csv.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace hub::ctl {
namespace {

std::string rowOf(const std::string& state) {
    return R"({"state_data":)" + state + R"(,"timestamp":"2026-11-23T16:39:00.250000Z",)" +
           R"("device_time":null})";
}

TEST(StateCsv, HasAColumnForEachMember) {
    StateCsv csv;
    const std::string first = rowOf(R"({"temperature": 21.50,"mode":"auto"})");
    const std::string second = rowOf(R"({"humidity":40,"mode":null})");
    EXPECT_EQ(csv.heading({first, second}), "timestamp,device_time,temperature,mode,humidity,more");
    EXPECT_EQ(csv.row(first), "2026-11-23T16:39:00.250000Z,,21.50,auto,,");
    EXPECT_EQ(csv.row(second), "2026-11-23T16:39:00.250000Z,,,,40,");
}

TEST(StateCsv, WhatHasNoColumnIsUnderMore) {
    StateCsv csv;
    const std::string first = rowOf(R"({"n":1,"timestamp":"mine","more":2})");
    EXPECT_EQ(csv.heading({first}), "timestamp,device_time,n,more");
    EXPECT_EQ(csv.row(first),
              R"(2026-11-23T16:39:00.250000Z,,1,"{""timestamp"":""mine"",""more"":2}")");
    EXPECT_EQ(csv.row(rowOf(R"({"late":[1,2],"n":3})")),
              R"(2026-11-23T16:39:00.250000Z,,3,"{""late"":[1,2]}")");
}

TEST(StateCsv, QuotesWhatCouldBeTakenForMoreCells) {
    StateCsv csv;
    const std::string row = rowOf(R"({"a,b":"x,y","q":"say \"hi\"","lines":"one\ntwo"})");
    EXPECT_EQ(csv.heading({row}), R"(timestamp,device_time,"a,b",q,lines,more)");
    EXPECT_EQ(csv.row(row), R"(2026-11-23T16:39:00.250000Z,,"x,y","say ""hi""",one\u000atwo,)");
}

TEST(StateCsv, TheNumberOfColumnsIsBounded) {
    StateCsv csv;
    std::string state = "{";
    for (std::size_t i = 0; i <= StateCsv::kMaxColumns; ++i) {
        state += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":1";
    }
    const std::string row = rowOf(state + "}");
    EXPECT_TRUE(csv.heading({row}).ends_with(",m255,more"));
    EXPECT_TRUE(csv.row(row).ends_with(R"(,1,"{""m256"":1}")"));
}

TEST(StateCsv, ARowThatIsNoObjectIsRefused) {
    StateCsv csv;
    EXPECT_THROW(static_cast<void>(csv.heading({"7"})), std::runtime_error);
    EXPECT_THROW(static_cast<void>(csv.row("7")), std::runtime_error);
    EXPECT_EQ(csv.row(R"({"state_data":7,"timestamp":"t"})"), "t,,");
}

}  // namespace
}  // namespace hub::ctl
