#include "daemon/recent_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hub::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RecentLinesTest : public testing::Test {
protected:
    void add(std::string message, LogLevel level = LogLevel::Info) {
        lines_.add({{}, level, "hub", std::move(message)});
    }
    std::vector<std::string> newest(std::size_t limit, LogLevel least = LogLevel::Debug) const {
        std::vector<std::string> messages;
        for (const LogLine& line : lines_.newest(least, limit, 0)) {
            messages.push_back(line.message);
        }
        return messages;
    }

    RecentLines lines_;
};

TEST_F(RecentLinesTest, GivesTheNewestFirst) {
    EXPECT_THAT(newest(10), IsEmpty());
    add("1");
    add("2");
    add("3");
    EXPECT_THAT(newest(2), ElementsAre("3", "2"));
    EXPECT_THAT(newest(10), ElementsAre("3", "2", "1"));
    EXPECT_THAT(newest(0), IsEmpty());
}

TEST_F(RecentLinesTest, LeavesOutWhatIsLessImportant) {
    add("d", LogLevel::Debug);
    add("w", LogLevel::Warning);
    add("i", LogLevel::Info);
    add("e", LogLevel::Error);
    EXPECT_THAT(newest(10, LogLevel::Info), ElementsAre("e", "i", "w"));
    EXPECT_THAT(newest(1, LogLevel::Warning), ElementsAre("e"));
    EXPECT_THAT(newest(10, LogLevel::Error), ElementsAre("e"));
}

TEST_F(RecentLinesTest, GoesOnFromTheLineThatWasTheLastOfAnEarlierAnswer) {
    for (const char* message : {"1", "2", "3", "4", "5"}) {
        add(message, message[0] % 2 == 0 ? LogLevel::Warning : LogLevel::Info);
    }
    const auto page = lines_.newest(LogLevel::Debug, 2, 0);
    ASSERT_THAT(page, SizeIs(2));
    EXPECT_EQ(page.back().number, 4U);
    add("6");  // a line that is logged meanwhile moves nothing
    const auto next = lines_.newest(LogLevel::Debug, 2, page.back().number);
    ASSERT_THAT(next, SizeIs(2));
    EXPECT_EQ(next.front().message, "3");
    EXPECT_EQ(next.back().message, "2");
    EXPECT_EQ(lines_.newest(LogLevel::Warning, 2, 4).front().message, "2");
    EXPECT_THAT(lines_.newest(LogLevel::Debug, 2, 1), IsEmpty());
}

TEST_F(RecentLinesTest, KeepsAThousandLines) {
    for (int i = 1; i <= 1001; ++i) {
        add(std::to_string(i));
    }
    const auto kept = newest(2000);
    ASSERT_THAT(kept, SizeIs(1000));
    EXPECT_EQ(kept.front(), "1001");
    EXPECT_EQ(kept.back(), "2");
}

TEST_F(RecentLinesTest, KeepsABoundedNumberOfBytes) {
    for (int i = 0; i < 900; ++i) {
        add(std::string(1024, 'x'));
    }
    EXPECT_LE(newest(2000).size(), RecentLines::kMaxBytes / 1024);
    EXPECT_GT(newest(2000).size(), RecentLines::kMaxBytes / 1024 / 2);
}

}  // namespace
}  // namespace hub::daemon
