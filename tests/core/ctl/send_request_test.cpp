#include "ctl/send_request.h"

#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace hub::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr std::array kOptions{
    Option{"queue", Option::Type::Flag, "false", ""},
    Option{"ttl", Option::Type::Duration, "1d", ""},
    Option{"ack-timeout", Option::Type::Duration, "30s", ""},
    Option{"key", Option::Type::Text, "", ""},
};
constexpr Usage kUsage{"send", "Sends.", kOptions, {}, "<target> <name> [payload]"};

SendRequest requestOf(const std::vector<std::string_view>& words, const std::string& input = {}) {
    std::istringstream in(input);
    return readSendRequest(parseArguments(kUsage, words), in);
}

std::string refusalOf(const std::vector<std::string_view>& words, const std::string& input = {}) {
    try {
        static_cast<void>(requestOf(words, input));
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "accepted";
}

TEST(SendTarget, AWordIsAnIdUnlessItSaysOtherwise) {
    const auto parsed = [](std::string_view text) {
        const SendTarget target = parseSendTarget(text);
        return std::string(target.member) + '=' + std::string(target.word);
    };
    EXPECT_EQ(parsed("lamp"), "device_id=lamp");
    EXPECT_EQ(parsed("a:b"), "device_id=a:b");
    EXPECT_EQ(parsed("type:esp32"), "device_type=esp32");
    EXPECT_EQ(parsed("tag:a:b"), "tag=a:b");
    EXPECT_EQ(parsed("all"), "all=");
    EXPECT_EQ(parsed("id:all"), "device_id=all");
    EXPECT_EQ(parsed("id:type:x"), "device_id=type:x");
    EXPECT_THROW(static_cast<void>(parseSendTarget("type:")), UsageError);
}

TEST(SendRequest, SaysWhatIsGivenAndLeavesTheRestToTheHub) {
    const SendRequest request = requestOf({"lamp", "on"});
    EXPECT_EQ(request.body, R"({"payload":{},"command_name":"on","device_id":"lamp"})");
    EXPECT_THAT(request.headers, IsEmpty());
    EXPECT_EQ(request.filter, "devices/lamp/command");
}

TEST(SendRequest, CarriesEveryOption) {
    const SendRequest request =
        requestOf({"type:esp32", "go \"on\"", R"({"n": 1.50})", "--queue", "--ttl", "12h",
                   "--ack-timeout", "0.25", "--key", "k-1"});
    EXPECT_EQ(request.body,
              R"({"payload":{"n": 1.50},"command_name":"go \"on\"","device_type":"esp32",)"
              R"("ttl_s":43200,"ack_timeout_s":0.25,"queue_offline":true})");
    EXPECT_THAT(request.headers, ElementsAre(Pair("Idempotency-Key", "k-1")));
    EXPECT_EQ(request.filter, "devices/+/command");
    EXPECT_EQ(requestOf({"all", "on"}).body, R"({"payload":{},"command_name":"on","all":true})");
}

TEST(SendRequest, AnIdThatNoDeviceCanHaveIsLeftToTheHub) {
    const SendRequest request = requestOf({"#", "on"});
    EXPECT_THAT(request.body, HasSubstr(R"("device_id":"#")"));
    EXPECT_EQ(request.filter, "devices/+/command");
}

TEST(SendRequest, ThePayloadComesFromAFileOrTheInput) {
    const fakes::TemporaryFolder folder;
    const std::string path = (folder.path() / "payload.json").string();
    std::ofstream(path) << R"({"from":"file"})";
    EXPECT_THAT(requestOf({"lamp", "on", "@" + path}).body, HasSubstr(R"({"from":"file"})"));
    EXPECT_THAT(requestOf({"lamp", "on", "-"}, R"({"from":"input"})").body,
                HasSubstr(R"({"from":"input"})"));
    EXPECT_EQ(refusalOf({"lamp", "on", "@/no/such/file"}),
              "cannot open the payload's file /no/such/file: No such file or directory");
}

TEST(SendRequest, APayloadThatIsNoObjectIsRefused) {
    for (const char* payload : {"7", "[]", "null", "{", "{\"a\":1}}", "{\"a\":[}", "{\"a\":NaN}",
                                R"({"a":1},"all":true,"b":{"c":2})", "{\"a\":\"\xff\"}"}) {
        EXPECT_THAT(refusalOf({"lamp", "on", payload}), HasSubstr("the payload is no JSON object"))
            << payload;
    }
    EXPECT_THAT(refusalOf({"lamp", "on", "[1]"}), HasSubstr("(it does not begin with {)"));
    EXPECT_THAT(refusalOf({"lamp", "on", "-"}, ""), HasSubstr("the payload is no JSON object"));
    EXPECT_THAT(refusalOf({"lamp", "on", "-"}, "{\"a\":\"" + std::string(70'000, 'x') + "\"}"),
                HasSubstr("the payload is too long: at most 65536 bytes"));
}

TEST(SendRequest, AnOptionWithoutEffectIsRefused) {
    EXPECT_EQ(refusalOf({"lamp", "on", "--ttl", "5"}),
              "--ttl says how long --queue keeps the command: give --queue too");
    EXPECT_EQ(refusalOf({"lamp", "on", "--queue", "--ttl", "0"}), "--ttl: at least 0.001 seconds");
    EXPECT_EQ(refusalOf({"lamp", "on", "--ack-timeout", "0"}),
              "--ack-timeout: at least 0.001 seconds");
    EXPECT_EQ(refusalOf({"lamp", "on", "--ack-timeout", "0.001"}), "accepted");
}

TEST(SendRequest, AKeyIsPrintable) {
    for (const std::string& key : {std::string(), std::string("a b"), std::string("a\r\nX: y"),
                                   std::string("\xc3\xa9"), std::string(256, 'k')}) {
        EXPECT_THAT(refusalOf({"lamp", "on", "--key=" + key}), HasSubstr("is no key")) << key;
    }
    EXPECT_EQ(refusalOf({"lamp", "on", "--key", std::string(255, 'k')}), "accepted");
}

}  // namespace
}  // namespace hub::ctl
