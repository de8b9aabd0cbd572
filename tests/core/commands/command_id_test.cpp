#include "commands/command_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace hub::commands {
namespace {

using namespace std::chrono_literals;

TEST(CommandId, IsAUuidOfVersion7) {
    // RFC 9562, A.6: the time of the example there.
    const Timestamp time(std::chrono::milliseconds(0x017F22E279B0));
    const std::string id = makeCommandId(time);
    EXPECT_TRUE(looksLikeCommandId(id)) << id;
    EXPECT_EQ(id.substr(0, 18), "017f22e2-79b0-7000");
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
}

TEST(CommandId, SortsByTimeAndIsNeverTheSame) {
    std::set<std::string> ids;
    std::string last;
    for (int i = 0; i < 3000; ++i) {
        const std::string id = makeCommandId(Timestamp(1000s + std::chrono::microseconds(i)));
        EXPECT_LT(last.substr(0, 18), id.substr(0, 18));
        EXPECT_TRUE(ids.insert(id).second);
        last = id;
    }
    EXPECT_NE(makeCommandId(Timestamp(1s)), makeCommandId(Timestamp(1s)));
}

TEST(CommandId, OtherTextsDoNotLookLikeIt) {
    for (const char* const text :
         {"", "c-1", "017f22e2-79b0-7000-8000-00000000000", "017f22e2-79b0-7000-8000-0000000000000",
          "017F22E2-79B0-7000-8000-000000000000", "017f22e2.79b0-7000-8000-000000000000",
          "017f22e2-79b0-7000-8000-00000000000g"}) {
        EXPECT_FALSE(looksLikeCommandId(text)) << text;
    }
}

}  // namespace
}  // namespace hub::commands
