#include "ctl/watch.h"

#include "core/ctl/ctl_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace hub::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kEvents = "GET /api/events?topic=devices%2F%23";

std::string event(const std::string& number, const std::string& payload) {
    return "id: " + number + "\nevent: status\ndata: {\"sequence\":" + number +
           R"(,"topic":"devices/lamp/status","device_id":"lamp",)"
           R"("timestamp":"2026-11-23T16:39:00.250000Z","payload":)" +
           payload + "}\n\n";
}

class Watch : public CtlFixture {
protected:
    // The hub tells this last; the person presses Ctrl-C when `lines` are shown in all.
    void endWith(const std::string& text, std::ptrdiff_t lines) {
        hub_.streamOnce(kEvents, text, [] {});
        interruptBehind(lines);
    }
    // Of the streams that were asked for, what they were to resume behind; "" for the present.
    [[nodiscard]] std::vector<std::string> resumedBehind() const {
        std::vector<std::string> numbers;
        for (const auto& request : hub_.received()) {
            const auto found = request.headers.find("Last-Event-ID");
            numbers.push_back(found != request.headers.end() ? found->second : "");
        }
        return numbers;
    }
};

TEST_F(Watch, ShowsALineForEachEventUntilItIsInterrupted) {
    endWith(": heartbeat\n\n" + event("7", R"({"n":1,"note":"two words","deep":{"a":[1]}})") +
                event("8", R"({"n":null,"word":"warm"})"),
            2);
    EXPECT_EQ(run(watchSubcommand(), {}), kDone);
    EXPECT_EQ(out(),
              "7  2026-11-23 17:39:00.250  devices/lamp/status  n=1 note=\"two words\" "
              "deep={\"a\":[1]}\n"
              "8  2026-11-23 17:39:00.250  devices/lamp/status  n=null word=warm\n");
    EXPECT_EQ(err(), "");
}

TEST_F(Watch, JsonIsTheHubsOwnOnALineEach) {
    endWith(event("7", "{\"n\":\"\x7f\"}"), 1);
    EXPECT_EQ(run(watchSubcommand(), {"--json"}), kDone);
    EXPECT_EQ(out(), R"({"sequence":7,"topic":"devices/lamp/status","device_id":"lamp",)"
                     R"("timestamp":"2026-11-23T16:39:00.250000Z","payload":{"n":"\u007f"}})"
                     "\n");
}

TEST_F(Watch, AsksForTheTopicsAndTheBeginning) {
    hub_.streamOnce("GET /api/events?topic=devices%2F%2B%2Falert&since=42", event("43", "{}"),
                    [] {});
    interruptBehind(1);
    EXPECT_EQ(run(watchSubcommand(), {"devices/+/alert", "--since", "42"}), kDone) << err();
    EXPECT_EQ(run(watchSubcommand(), {"--since", "1h"}), kUsageWrong);
    EXPECT_EQ(run(watchSubcommand(), {"devices/#", "devices/+"}), kUsageWrong);
}

TEST_F(Watch, AFilterThatMatchesNoTopicIsRefused) {
    for (const char* filter : {"weather-1", "devices/weather-1", "devices/a b/status", "lamps/#",
                               "+", "devices/+/status/x", "devices/#/status"}) {
        EXPECT_EQ(run(watchSubcommand(), {filter}), kUsageWrong) << filter;
    }
    EXPECT_EQ(run(watchSubcommand(), {"weather-1"}), kUsageWrong);
    EXPECT_EQ(err(),
              "hubctl watch: \"weather-1\" matches no topic, devices/{id}/{name}: for one device "
              "write 'devices/weather-1/#'\n'hubctl watch --help' lists the options.\n");
    EXPECT_THAT(hub_.requests(), testing::IsEmpty());
    for (const char* filter : {"#", "+/+/+", "devices/lamp/#", "devices/lamp/status/#"}) {
        EXPECT_EQ(run(watchSubcommand(), {filter}), kFailed) << filter;
        EXPECT_THAT(err(), HasSubstr("answers 404")) << filter;
    }
}

TEST_F(Watch, GoesOnBehindTheLastEventAfterABreak) {
    hub_.streamOnce(kEvents, event("7", R"({"n":1})") + "id: 8\ndata: cut");
    endWith(event("8", R"({"n":2})"), 2);
    EXPECT_EQ(run(watchSubcommand(), {}), kDone);
    EXPECT_THAT(out(), HasSubstr("n=1\n"));
    EXPECT_THAT(out(), HasSubstr("n=2\n"));
    EXPECT_EQ(err(),
              "hubctl watch: the feed broke off: the connection ended\n"
              "hubctl watch: going on behind event 7\n");
    EXPECT_THAT(resumedBehind(), ElementsAre("", "7"));
}

TEST_F(Watch, GoesOnWhereTheHubSaysWhenItLags) {
    hub_.streamOnce(kEvents, event("7", "{}") + "event: lagged\ndata: {\"resume_from\":19}\n\n");
    endWith(event("20", "{}"), 2);
    EXPECT_EQ(run(watchSubcommand(), {}), kDone);
    EXPECT_EQ(err(),
              "hubctl watch: too slow for the live feed\n"
              "hubctl watch: going on behind event 19\n");
    EXPECT_THAT(resumedBehind(), ElementsAre("", "19"));
}

TEST_F(Watch, ADeviceMayCallItsMessageLagged) {
    endWith(
        "id: 7\nevent: lagged\ndata: {\"topic\":\"devices/lamp/lagged\"}\n\n" + event("8", "{}"),
        2);
    EXPECT_EQ(run(watchSubcommand(), {}), kDone);
    EXPECT_THAT(out(), HasSubstr("devices/lamp/lagged"));
    EXPECT_THAT(out(), HasSubstr("devices/lamp/status"));
    EXPECT_EQ(err(), "");
}

TEST_F(Watch, ARefusalEndsItWithTheHubsReason) {
    hub_.answer(kEvents, R"({"detail":"No such topic."})", 422);
    EXPECT_EQ(run(watchSubcommand(), {}), kFailed);
    EXPECT_EQ(err(), "hubctl watch: " + hub_.url() + " answers 422: No such topic.\n");

    hub_.streamOnce(kEvents, event("7", "{}"));
    EXPECT_EQ(run(watchSubcommand(), {}), kFailed);
    EXPECT_THAT(err(), testing::EndsWith(" answers 422: No such topic.\n"));
}

TEST_F(Watch, WhatIsNoStreamIsNamed) {
    hub_.answer(kEvents, "<html>");
    EXPECT_EQ(run(watchSubcommand(), {}), kFailed);
    EXPECT_THAT(err(), HasSubstr("Is that a hub?"));
    hub_.streamOnce(kEvents, "data: {\n\n");
    EXPECT_EQ(run(watchSubcommand(), {}), kFailed);
    EXPECT_THAT(err(), HasSubstr("which is not an object"));
}

TEST_F(Watch, WithoutAHubItIsUnreachable) {
    EXPECT_EQ(run(watchSubcommand(), {"--url", "http://127.0.0.1:1"}), kUnreachable);
}

}  // namespace
}  // namespace hub::ctl
