#include "event_streams.h"

#include "fakes/fake_event_feed.h"
#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace hub::http_api {
namespace {

using State = HttpStream::State;
using testing::HasSubstr;

constexpr std::size_t kRoom = 16 * 1024;

class EventStreamsTest : public testing::Test {
protected:
    // A client whose connection begins to read; `wakes` counts how often it was woken.
    struct Client {
        std::shared_ptr<HttpStream> stream;
        std::shared_ptr<int> wakes = std::make_shared<int>(0);

        std::pair<std::string, State> read(std::size_t room = kRoom) const {
            std::string piece;
            const State state = stream->read(piece, room);
            return {piece, state};
        }
    };

    Client connect(const std::string& filter = "#", std::optional<Sequence> after = std::nullopt) {
        Client client{streams_.open({TopicFilter::parse(filter).value(), after})};
        client.stream->begin([wakes = client.wakes] { ++*wakes; });
        return client;
    }
    // One that has read what comes before any event.
    Client connectAndGreet(const std::string& filter = "#") {
        Client client = connect(filter);
        EXPECT_THAT(client.read().first, testing::StartsWith("retry: 2000\nid: "));
        return client;
    }

    fakes::FakeEventFeed feed_;
    metrics::MetricRegistry metrics_;
    int wakes_ = 0;  // of who serves
    EventStreams streams_{feed_, metrics_.gauge("readers", "Readers.", {}), [this] { ++wakes_; }};
    SteadyTime now_{std::chrono::hours(1)};
};

TEST_F(EventStreamsTest, AnEventHasItsNumberItsNameAndOneJsonObject) {
    const Client client = connectAndGreet();
    feed_.publish("lamp", "status", "{\"on\":true}");
    EXPECT_EQ(*client.wakes, 1);
    EXPECT_EQ(client.read().first,
              "id: 1\nevent: status\n"
              R"(data: {"sequence":1,"topic":"devices/lamp/status","device_id":"lamp",)"
              R"("timestamp":"2026-11-23T16:40:00.000000Z","payload":{"on":true}})"
              "\n\n");
}

TEST_F(EventStreamsTest, LineBreaksOfADeviceDoNotBreakTheStream) {
    const Client client = connectAndGreet();
    feed_.publish("lamp", "status", "{\r\n  \"text\": \"a\\nb\"\n}");
    EXPECT_THAT(client.read().first, HasSubstr(R"("payload":{    "text": "a\nb" }})"
                                               "\n\n"));
}

TEST_F(EventStreamsTest, OnlyWhatMatchesIsTold) {
    const Client client = connectAndGreet("devices/+/alert");
    feed_.publish("lamp", "status");
    feed_.publish("lamp", "alert");
    EXPECT_TRUE(client.read().first.starts_with("id: 2\nevent: alert\n"));
}

TEST_F(EventStreamsTest, WhatHappensBetweenTheAnswerAndTheFirstReadIsNotMissed) {
    feed_.publish("lamp", "status");
    const auto stream = streams_.open({});
    feed_.publish("lamp", "alert");
    stream->begin([] {});
    std::string piece;
    EXPECT_EQ(stream->read(piece, kRoom), State::Waiting);
    EXPECT_THAT(piece, testing::Not(HasSubstr("id: 1\nevent")));
    EXPECT_THAT(piece, HasSubstr("id: 2\nevent"));
}

TEST_F(EventStreamsTest, AClientResumesBehindWhatItHasSeen) {
    for (int i = 0; i < 3; ++i) feed_.publish("lamp", "status");
    const auto piece = connect("#", 1).read().first;
    EXPECT_THAT(piece, testing::AllOf(HasSubstr("id: 2\nevent"), HasSubstr("id: 3\nevent")));
    EXPECT_THAT(piece, testing::Not(HasSubstr("id: 1\nevent")));
}

TEST_F(EventStreamsTest, APieceIsNotMuchLargerThanTheRoom) {
    const Client client = connectAndGreet();
    for (int i = 0; i < 100; ++i) feed_.publish("lamp", "status");
    std::size_t events = 0;
    for (State state = State::More; state == State::More;) {
        const auto [piece, next] = client.read(1000);
        EXPECT_LT(piece.size(), 1300U);
        for (std::size_t at = 0; (at = piece.find("id: ", at)) != std::string::npos; ++at) ++events;
        state = next;
    }
    EXPECT_EQ(events, 100U);
}

TEST_F(EventStreamsTest, AQuietStreamHasAHeartbeatEveryFifteenSeconds) {
    (void)streams_.serve(now_);
    const Client client = connectAndGreet();
    EXPECT_LE(streams_.serve(now_ + std::chrono::seconds(14)), now_ + std::chrono::seconds(15));
    EXPECT_EQ(*client.wakes, 0);
    (void)streams_.serve(now_ + std::chrono::seconds(15));
    EXPECT_EQ(*client.wakes, 1);
    EXPECT_EQ(client.read(), std::pair(std::string(": heartbeat\nid: 0\n\n"), State::Waiting));
    EXPECT_EQ(client.read().first, "");
}

TEST_F(EventStreamsTest, AClientThatWasToldNothingKnowsWhereToResume) {
    feed_.publish("lamp", "status");
    const Client client = connect("devices/+/alert");
    EXPECT_EQ(client.read().first, "retry: 2000\nid: 1\n\n");
    feed_.publish("lamp", "status");
    EXPECT_EQ(client.read().first, "");
    feed_.publish("lamp", "alert");
    (void)streams_.serve(now_);
    // What is not in an earlier piece is not behind the client.
    EXPECT_THAT(client.read().first,
                testing::StartsWith(": heartbeat\nid: 2\n\nid: 3\nevent: alert\n"));
}

TEST_F(EventStreamsTest, AClientWhoseHistoryIsNotReadYetStaysWhereItWas) {
    for (int i = 0; i < 3; ++i) feed_.publish("lamp", "status");
    feed_.setHistoryReadable(false);
    EXPECT_EQ(connect("#", 2).read().first, "retry: 2000\nid: 2\n\n");
}

TEST_F(EventStreamsTest, AReaderThatIsTooSlowIsToldWhereToResume) {
    const Client client = connectAndGreet();
    feed_.publish("lamp", "status");
    (void)client.read();
    feed_.publish("lamp", "status");
    feed_.lag();
    EXPECT_EQ(
        client.read(),
        std::pair(std::string("id: 1\nevent: lagged\ndata: {\"resume_from\":1}\n\n"), State::End));
}

TEST_F(EventStreamsTest, AReaderOfAnotherDatabaseIsToldThatItMissedEvents) {
    feed_.publish("lamp", "status");
    EXPECT_EQ(connect("#", 1).read().second, State::Waiting);
    EXPECT_EQ(connect("#", 2).read(),
              std::pair(std::string("retry: 2000\nid: 1\n\n"
                                    "id: 1\nevent: lagged\ndata: {\"resume_from\":1}\n\n"),
                        State::End));
}

TEST_F(EventStreamsTest, AHistoryThatCannotBeReadIsTriedAgain) {
    feed_.publish("lamp", "status");
    feed_.setHistoryReadable(false);
    EXPECT_EQ(streams_.serve(now_), now_ + EventStreams::kHeartbeat);
    const Client client = connect("#", 0);
    EXPECT_EQ(client.read(), std::pair(std::string("retry: 2000\nid: 0\n\n"), State::Waiting));
    EXPECT_EQ(wakes_, 1) << "the next heartbeat is late for that";
    SteadyTime next = streams_.serve(now_);
    EXPECT_EQ(next, now_ + EventStreams::kRetry);
    EXPECT_EQ(*client.wakes, 0);
    next = streams_.serve(next);
    EXPECT_EQ(*client.wakes, 1);
    feed_.setHistoryReadable(true);
    EXPECT_THAT(client.read().first, HasSubstr("id: 1\n"));
    EXPECT_EQ(next, now_ + EventStreams::kHeartbeat) << "nothing has failed since";
}

TEST_F(EventStreamsTest, AClientThatHasGoneIsNotTriedAgain) {
    feed_.publish("lamp", "status");
    feed_.setHistoryReadable(false);
    (void)streams_.serve(now_);
    (void)connect("#", 0).read();
    EXPECT_EQ(streams_.serve(now_), now_ + EventStreams::kHeartbeat);
}

TEST_F(EventStreamsTest, ReadersAreCounted) {
    {
        const Client one = connect();
        const Client two = connect();
        EXPECT_THAT(metrics_.text(), HasSubstr("\nreaders 2\n"));
        EXPECT_EQ(feed_.readers(), 2U);
    }
    EXPECT_THAT(metrics_.text(), HasSubstr("\nreaders 0\n"));
    EXPECT_EQ(feed_.readers(), 0U);
    EXPECT_EQ(streams_.serve(now_), now_ + EventStreams::kHeartbeat);
}

}  // namespace
}  // namespace hub::http_api
