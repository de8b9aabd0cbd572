#include "ctl/send.h"

#include "core/ctl/ctl_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pthread.h>

#include <csignal>
#include <string>

namespace hub::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kPost = "POST /api/command";
constexpr const char* kCommand = "GET /api/commands/c-1?limit=1000";
constexpr const char* kOneFeed = "GET /api/events?topic=devices%2Fa%2Fcommand";
constexpr const char* kFeed = "GET /api/events?topic=devices%2F%2B%2Fcommand";

// How the hub shows the command; `targets` such as `{"device_id":"a","status":"sent"}`.
std::string commandOf(const std::string& status, const std::string& targets, int successes = 0) {
    return R"({"command_id":"c-1","command_name":"up","status":")" + status +
           R"(","success_count":)" + std::to_string(successes) + R"(,"targets":[)" + targets + "]}";
}

std::string target(const std::string& device, const std::string& status) {
    return R"({"device_id":")" + device + R"(","status":")" + status + R"("})";
}

// What the feed tells of the device; `more` are further members of the payload.
std::string change(const std::string& device, const std::string& status,
                   const std::string& more = {}, const std::string& command = "c-1") {
    return R"(data: {"topic":"devices/)" + device + R"(/command","device_id":")" + device +
           R"(","payload":{"command_id":")" + command + R"(","status":")" + status + '"' + more +
           "}}\n\n";
}

class Send : public CtlFixture {};

TEST_F(Send, ShowsHowTheFirstSendWent) {
    hub_.answer(kPost, commandOf("sent", target("a", "sent") + "," + target("long-id", "queued")));
    EXPECT_EQ(run(sendSubcommand(), {"type:esp32", "up", "{\"n\":1}", "--queue"}), kDone);
    EXPECT_EQ(out(),
              "command c-1 to 2 devices\n"
              "a        sent\n"
              "long-id  queued\n");
    ASSERT_EQ(hub_.received().size(), 1U);
    EXPECT_EQ(hub_.received()[0].body,
              R"({"payload":{"n":1},"command_name":"up","device_type":"esp32",)"
              R"("queue_offline":true})");
    EXPECT_EQ(hub_.received()[0].headers.at("Content-Type"), "application/json");
}

TEST_F(Send, FailsWhenADeviceDoesNotGetIt) {
    hub_.answer(kPost, commandOf("sent", target("a", "sent") +
                                             R"(,{"device_id":"b","status":"unreachable",)"
                                             R"("reason":"the device is offline"})"));
    EXPECT_EQ(run(sendSubcommand(), {"all", "up"}), kFailed);
    EXPECT_EQ(out(),
              "command c-1 to 2 devices\n"
              "a  sent\n"
              "b  unreachable: the device is offline\n");
}

TEST_F(Send, ACommandToNobodyFails) {
    hub_.answer(kPost, commandOf("no_devices", ""));
    EXPECT_EQ(run(sendSubcommand(), {"type:none", "up"}), kFailed);
    EXPECT_EQ(out(), "command c-1 to 0 devices\n");
    EXPECT_EQ(err(), "hubctl send: no device that is online is meant by type:none\n");
}

TEST_F(Send, ARefusalByGuardsIsAnOutcome) {
    hub_.answer(
        kPost,
        R"({"type":"about:blank","title":"Conflict","status":409,)"
        R"("detail":"The command was rejected: a pose runs.","command_id":"c-1",)"
        R"("command_status":"rejected","targets":[{"device_id":"a","status":"rejected","reason":"a pose runs"}]})",
        409);
    EXPECT_EQ(run(sendSubcommand(), {"a", "up"}), kFailed);
    EXPECT_EQ(out(), "command c-1 to 1 device\na  rejected: a pose runs\n");
}

TEST_F(Send, AnotherRefusalComesWithTheHubsReason) {
    hub_.answer(kPost, R"({"detail":"No device \"a\" is known."})", 404);
    EXPECT_EQ(run(sendSubcommand(), {"a", "up"}), kFailed);
    EXPECT_EQ(err(), "hubctl send: " + hub_.url() + " answers 404: No device \"a\" is known.\n");
}

TEST_F(Send, WhoMeansADeviceThatIsUnknownIsToldHowToNameOne) {
    hub_.answer(kPost, R"({"detail":"No device \"typ:a\" is known.","unknown":"device"})", 404);
    EXPECT_EQ(run(sendSubcommand(), {"typ:a", "up"}), kFailed);
    EXPECT_EQ(err(),
              "hubctl send: no device \"typ:a\" is known: write its id (hubctl devices lists "
              "them), type:T, tag:T or all\n");
}

TEST_F(Send, ARepeatIsToldApart) {
    const std::string receipt = commandOf("sent", target("a", "sent"));
    hub_.answerWith(kPost, receipt, "Idempotency-Replayed", "true");
    const std::string note =
        "hubctl send: this call was made before under its key: nothing is sent again, and the "
        "answer is that of the first time\n";
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--key", "k-1"}), kDone);
    EXPECT_EQ(err(), note);
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--key", "k-1", "--json"}), kDone);
    EXPECT_EQ(out(), receipt + "\n");
    EXPECT_EQ(err(), note);
}

TEST_F(Send, JsonIsTheHubsOwn) {
    const std::string receipt = commandOf("sent", target("a", "sent"));
    hub_.answer(kPost, receipt);
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--json"}), kDone);
    EXPECT_EQ(out(), receipt + "\n");
}

TEST_F(Send, TheKeyIsAHeader) {
    hub_.answer(kPost, commandOf("sent", target("a", "sent")));
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--key", "k-1"}), kDone);
    EXPECT_EQ(hub_.received()[0].headers.at("Idempotency-Key"), "k-1");
}

TEST_F(Send, WaitsForTheOutcomeOfEveryDevice) {
    hub_.streamOnce(kFeed,
                    change("a", "pending") + change("a", "sent") +
                        change("a", "ack_error", "", "another") + change("b", "ack_success") +
                        change("b", "ack_error", R"(,"late":true)") + change("a", "ack_success"),
                    [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent") + "," + target("b", "sent")));
    hub_.answerOnce(kCommand, commandOf("sent", target("a", "sent") + "," + target("b", "sent")));
    const std::string end =
        commandOf("ack_success", target("a", "ack_success") + "," + target("b", "ack_success"), 2);
    hub_.answer(kCommand, end);
    EXPECT_EQ(run(sendSubcommand(), {"type:esp32", "up", "--wait"}), kDone) << err();
    EXPECT_EQ(out(),
              "command c-1 to 2 devices\n"
              "a  sent\n"
              "b  sent\n"
              "b  ack_success\n"
              "a  ack_success\n"
              "ack_success: 2 of 2 devices succeeded\n");
    EXPECT_THAT(hub_.requests(), ElementsAre(kFeed, kPost, kCommand, kCommand));
}

TEST_F(Send, AnOutcomeBeforeTheFeedIsReadIsNotMissed) {
    hub_.streamOnce(kOneFeed, "", [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent")));
    hub_.answer(kCommand, commandOf("timeout", target("a", "timeout")));
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--wait"}), kFailed);
    EXPECT_EQ(out(),
              "command c-1 to 1 device\n"
              "a  sent\n"
              "a  timeout\n"
              "timeout: 0 of 1 device succeeded\n");
}

TEST_F(Send, ABreakOfTheFeedHidesNoOutcome) {
    hub_.streamOnce(kFeed, change("a", "ack_success", "", "another"));
    hub_.streamOnce(kFeed, "", [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent")));
    hub_.answerOnce(kCommand, commandOf("sent", target("a", "sent")));
    const std::string end = commandOf("ack_success", target("a", "ack_success"), 1);
    hub_.answer(kCommand, end);
    EXPECT_EQ(run(sendSubcommand(), {"tag:x", "up", "--wait", "--json"}), kDone);
    EXPECT_EQ(out(), end + "\n");
    EXPECT_THAT(hub_.requests(), ElementsAre(kFeed, kPost, kCommand, kFeed, kCommand, kCommand));
}

TEST_F(Send, AnEventThatCannotBeReadIsAskedAbout) {
    hub_.streamOnce(kOneFeed,
                    "data: 7\n\n"
                    "data: {\"device_id\":\"a\",\"payload\":[]}\n\n" +
                        change("stranger", "ack_success") + change("a", "nonsense"),
                    [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent")));
    hub_.answerOnce(kCommand, commandOf("sent", target("a", "sent")));
    hub_.answer(kCommand, commandOf("ack_success", target("a", "ack_success"), 1));
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--wait"}), kDone) << err();
    EXPECT_EQ(out(),
              "command c-1 to 1 device\n"
              "a  sent\n"
              "a  ack_success\n"
              "ack_success: 1 of 1 device succeeded\n");
}

TEST_F(Send, TheEndIsTheHubsToSay) {
    hub_.streamOnce(kOneFeed, "", [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent")));
    hub_.answerOnce(kCommand, commandOf("sent", target("a", "ack_success")));
    hub_.answer(kCommand, commandOf("ack_success", target("a", "ack_success"), 1));
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--wait"}), kDone);
    EXPECT_EQ(out(),
              "command c-1 to 1 device\n"
              "a  sent\n"
              "a  ack_success\n"
              "ack_success: 1 of 1 device succeeded\n");
}

TEST_F(Send, ADeviceThatWasForgottenMeanwhileIsNotWaitedFor) {
    hub_.streamOnce(kFeed, change("a", "sent"));
    hub_.streamOnce(kFeed, change("a", "ack_success"), [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent") + "," + target("gone", "queued")));
    hub_.answerOnce(kCommand,
                    commandOf("sent", target("a", "sent") + "," + target("gone", "queued")));
    hub_.answerOnce(kCommand, commandOf("sent", target("a", "sent")));
    hub_.answer(kCommand, commandOf("partial", target("a", "ack_success"), 1));
    EXPECT_EQ(run(sendSubcommand(), {"all", "up", "--queue", "--wait"}), kFailed);
    EXPECT_THAT(out(), testing::EndsWith("a     ack_success\n"
                                         "partial: 1 of 2 devices succeeded\n"));
}

TEST_F(Send, OutcomesComeInPages) {
    const auto page = [](const std::string& status, const std::string& next) {
        std::string answer = commandOf("ack_success", target(status, "ack_success"), 2);
        answer.pop_back();
        return answer + R"(,"next":)" + next + "}";
    };
    hub_.streamOnce(kFeed, "", [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent") + "," + target("b", "sent")));
    hub_.answer(kCommand, page("a", "\"3c1\""));
    hub_.answer(std::string(kCommand) + "&cursor=3c1", page("b", "null"));
    EXPECT_EQ(run(sendSubcommand(), {"all", "up", "--wait"}), kDone);
    EXPECT_THAT(out(), HasSubstr("b  ack_success\nack_success: 2 of 2 devices succeeded\n"));
}

TEST_F(Send, AHubThatIsBusyIsAskedAgain) {
    hub_.streamOnce(kOneFeed, "", [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent")));
    hub_.answerOnce(kCommand, R"({"detail":"All readers are busy."})", 503);
    hub_.answer(kCommand, commandOf("ack_success", target("a", "ack_success"), 1));
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--wait"}), kDone);
    EXPECT_EQ(err(), "hubctl send: asking again until the hub answers: " + hub_.url() +
                         " answers 503: All readers are busy.\nhubctl send: going on\n");
}

TEST_F(Send, WhoStopsWaitingForTheReceiptIsToldThatItMayHaveGoneOut) {
    hub_.streamOnce(kOneFeed, "", [] {});
    hub_.keepSilent(kPost, [me = ::pthread_self()] { ::pthread_kill(me, SIGINT); });
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--wait"}), kInterrupted);
    EXPECT_EQ(err(),
              "hubctl send: without the hub's answer it is not known whether the command was "
              "sent; hubctl commands lists it if so\n");
}

TEST_F(Send, WhoStopsWaitingForTheHubIsToldWhereItGoesOn) {
    hub_.streamOnce(kOneFeed, "", [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent")));
    hub_.keepSilent(kCommand, [me = ::pthread_self()] { ::pthread_kill(me, SIGINT); });
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--wait"}), kInterrupted);
    EXPECT_EQ(err(), "hubctl send: the command goes on; hubctl command c-1 shows how\n");
}

TEST_F(Send, WhoStopsWaitingIsToldWhereItGoesOn) {
    hub_.streamOnce(kOneFeed, "", [] {});
    hub_.answer(kPost, commandOf("sent", target("a", "sent")));
    hub_.answer(kCommand, commandOf("sent", target("a", "sent")));
    interruptBehind(2);
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--wait"}), kInterrupted);
    EXPECT_EQ(err(), "hubctl send: the command goes on; hubctl command c-1 shows how\n");
}

TEST_F(Send, WhatIsWrittenWronglyIsNotSent) {
    EXPECT_EQ(run(sendSubcommand(), {"a"}), kUsageWrong);
    EXPECT_THAT(err(), HasSubstr("hubctl send <target> <name> [payload]"));
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "7"}), kUsageWrong);
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "--ttl", "soon"}), kUsageWrong);
    EXPECT_EQ(run(sendSubcommand(), {"a", "up", "@/nowhere.json"}), kUsageWrong);
    EXPECT_THAT(err(), HasSubstr("/nowhere.json: No such file or directory"));
    EXPECT_THAT(hub_.requests(), testing::IsEmpty());
}

}  // namespace
}  // namespace hub::ctl
