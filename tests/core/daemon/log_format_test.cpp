#include "daemon/log_format.h"

#include "fakes/manual_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hub::daemon {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

LogLine line(LogLevel level, std::string message) {
    return {fakes::ManualClock::kStart + std::chrono::microseconds(120'345), level, "ws-transport",
            std::move(message)};
}

TEST(LogFormat, ALineOfTextHasTimeLevelNameAndMessage) {
    EXPECT_EQ(formatLine(line(LogLevel::Info, "listening"), LogFormat::Text),
              "2026-11-23T16:40:00.120Z info ws-transport: listening\n");
    EXPECT_THAT(formatLine(line(LogLevel::Debug, "m"), LogFormat::Text), HasSubstr("Z debug ws"));
    EXPECT_THAT(formatLine(line(LogLevel::Warning, "m"), LogFormat::Text),
                HasSubstr("Z warning ws"));
    EXPECT_THAT(formatLine(line(LogLevel::Error, "m"), LogFormat::Text), HasSubstr("Z error ws"));
}

TEST(LogFormat, ALineOfJsonIsOneObject) {
    EXPECT_EQ(formatLine(line(LogLevel::Error, R"(no "x" in \)"), LogFormat::Json),
              R"({"time":"2026-11-23T16:40:00.120345Z","level":"error","logger":"ws-transport",)"
              R"("message":"no \"x\" in \\"})"
              "\n");
}

TEST(LogFormat, NoMessageCanFakeALine) {
    EXPECT_EQ(oneLine(std::string_view("a\nb\r\x1b[31m\0\x7f \xc3\xa4 \\", 16)),
              "a\\nb\\x0d\\x1b[31m\\x00\\x7f \xc3\xa4 \\");
}

TEST(LogFormat, CutsWhatIsTooLong) {
    const std::string message = oneLine(std::string(100'000, 'x'));
    EXPECT_THAT(message, EndsWith("xxx..."));
    EXPECT_LE(formatLine(line(LogLevel::Info, message), LogFormat::Text).size(), kMaxLogLine);
}

TEST(LogFormat, ALineOfJsonHasRoomForWhatEscapingAdds) {
    const std::string json =
        formatLine(line(LogLevel::Info, oneLine(std::string(100'000, '"'))), LogFormat::Json);
    EXPECT_LE(json.size(), kMaxLogLine);
    EXPECT_GT(json.size(), kMaxLogLine / 4);
    EXPECT_THAT(json, EndsWith("\\\"\"}\n"));
}

}  // namespace
}  // namespace hub::daemon
