#include "live_endpoint.h"

#include "fakes/fake_event_feed.h"
#include "fakes/fake_http_request.h"
#include "fakes/fake_websocket_endpoints.h"
#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace hub::http_api {
namespace {

using fakes::FakeHttpRequest;
using fakes::FakeWebSocketLink;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LiveEndpointTest : public testing::Test {
protected:
    using Stage = LiveEndpoint::Stage;

    FakeWebSocketLink& connect(const std::string& filter = "#", const std::string& since = {}) {
        FakeHttpRequest request("/api/live");
        request.withQuery("topic", filter);
        if (!since.empty()) request.withQuery("since", since);
        FakeWebSocketLink* const link = links_.connect(request);
        if (link == nullptr) throw std::logic_error("refused");
        serve();
        return *link;
    }
    // Until there is nothing to do just now; then it wants to be called at `next_`.
    void serve() {
        do {
            woken_ = false;
            next_ = std::min(endpoint_.serve(Stage::CatchingUp, now_),
                             endpoint_.serve(Stage::Live, now_));
        } while (woken_ || next_ <= now_);
        links_.runNotifications();
    }

    fakes::FakeEventFeed feed_;
    fakes::FakeWebSocketEndpoints links_;
    metrics::MetricRegistry metrics_;
    SteadyTime now_{std::chrono::hours(1)};
    SteadyTime next_{};
    std::atomic<bool> woken_ = false;
    LiveEndpoint endpoint_{links_, feed_, metrics_.gauge("readers", "Readers.", {}),
                           [this](Stage) { woken_ = true; }};
    Registration mounted_ = links_.mount("/api/live", endpoint_, LiveEndpoint::limits());
};

TEST_F(LiveEndpointTest, AnEventIsOneMessage) {
    FakeWebSocketLink& link = connect();
    EXPECT_THAT(link.takeSent(), IsEmpty());
    feed_.publish("lamp", "status", "{\"on\":true}");
    EXPECT_TRUE(woken_);
    serve();
    EXPECT_THAT(link.takeSent(),
                ElementsAre(R"({"event":"status","sequence":1,"topic":"devices/lamp/status",)"
                            R"("device_id":"lamp","timestamp":"2026-11-23T16:40:00.000000Z",)"
                            R"("payload":{"on":true}})"));
    EXPECT_EQ(next_, SteadyTime::max());
}

TEST_F(LiveEndpointTest, ALinkResumesFromHistoryAndHearsOnlyWhatMatches) {
    feed_.publish("lamp", "status");
    feed_.publish("lamp", "alert");
    feed_.publish("robot", "alert");
    FakeWebSocketLink& link = connect("devices/+/alert", "2");
    EXPECT_THAT(link.takeSent(), ElementsAre(HasSubstr("\"sequence\":3,")));
}

TEST_F(LiveEndpointTest, ABadQueryIsRefusedBeforeTheUpgrade) {
    EXPECT_EQ(links_.connect(FakeHttpRequest("/api/live").withQuery("since", "x")), nullptr);
    EXPECT_EQ(links_.refusal()->status, 422);
    EXPECT_EQ(links_.connect(FakeHttpRequest("/api/live").withQuery("topic", "#/x")), nullptr);
    EXPECT_EQ(feed_.readers(), 0U);
}

TEST_F(LiveEndpointTest, AReaderNeedNotSayAnythingAndIsPinged) {
    FakeWebSocketLink& link = connect();
    EXPECT_TRUE(link.isRegistered());
    EXPECT_EQ(link.idleTimeout(), LiveEndpoint::kIdleTimeout);
    link.hears("hello");
    EXPECT_EQ(link.closeCode(), std::nullopt);
}

TEST_F(LiveEndpointTest, AFullQueueIsTriedAgainAndNothingIsLostOrRepeated) {
    FakeWebSocketLink& link = connect();
    links_.fillQueues();
    for (int i = 0; i < 3; ++i) feed_.publish("lamp", "status");
    serve();
    EXPECT_THAT(link.takeSent(), IsEmpty());
    EXPECT_EQ(next_, now_ + LiveEndpoint::kQueueRetry);
    links_.emptyQueues();
    now_ = next_;
    serve();
    EXPECT_THAT(link.takeSent(),
                ElementsAre(HasSubstr("\"sequence\":1,"), HasSubstr("\"sequence\":2,"),
                            HasSubstr("\"sequence\":3,")));
    EXPECT_EQ(link.closeCode(), std::nullopt);
}

TEST_F(LiveEndpointTest, ALinkThatTakesNothingForLongIsClosed) {
    FakeWebSocketLink& link = connect();
    links_.fillQueues();
    feed_.publish("lamp", "status");
    serve();
    now_ += LiveEndpoint::kPatience;
    serve();
    EXPECT_EQ(link.closeCode(), CloseCode::TryAgainLater);
    EXPECT_EQ(next_, SteadyTime::max());
}

TEST_F(LiveEndpointTest, AReaderThatIsTooSlowIsToldWhereToResumeAndClosed) {
    FakeWebSocketLink& link = connect();
    feed_.publish("lamp", "status");
    serve();
    (void)link.takeSent();
    feed_.lag();
    serve();
    EXPECT_THAT(link.takeSent(), ElementsAre(R"({"event":"lagged","resume_from":1})"));
    EXPECT_EQ(link.closeCode(), CloseCode::TryAgainLater);
    feed_.publish("lamp", "status");
    serve();
    EXPECT_THAT(link.takeSent(), IsEmpty());
}

TEST_F(LiveEndpointTest, AHistoryThatCannotBeReadIsTriedAgain) {
    feed_.publish("lamp", "status");
    feed_.setHistoryReadable(false);
    FakeWebSocketLink& link = connect("#", "0");
    EXPECT_EQ(next_, now_ + LiveEndpoint::kHistoryRetry);
    feed_.setHistoryReadable(true);
    now_ = next_;
    serve();
    EXPECT_THAT(link.takeSent(), SizeIs(1));
}

TEST_F(LiveEndpointTest, OneThatHasMuchToReadDoesNotKeepOthersInItsStageWaiting) {
    for (std::size_t i = 0; i < 2 * LiveEndpoint::kEventsAtATime; ++i) {
        feed_.publish("lamp", "status");
    }
    FakeWebSocketLink* const behind =
        links_.connect(FakeHttpRequest("/api/live").withQuery("since", "0"));
    FakeWebSocketLink* const close =
        links_.connect(FakeHttpRequest("/api/live").withQuery("since", "510"));
    EXPECT_EQ(endpoint_.serve(Stage::CatchingUp, now_), now_);
    EXPECT_THAT(behind->takeSent(), SizeIs(LiveEndpoint::kEventsAtATime));
    EXPECT_THAT(close->takeSent(), SizeIs(2));
    serve();
    EXPECT_THAT(behind->takeSent(), SizeIs(LiveEndpoint::kEventsAtATime));
}

TEST_F(LiveEndpointTest, WhoCatchesUpIsServedApartUntilItHas) {
    feed_.publish("lamp", "status");
    FakeWebSocketLink* const behind =
        links_.connect(FakeHttpRequest("/api/live").withQuery("since", "0"));
    FakeWebSocketLink* const present = links_.connect(FakeHttpRequest("/api/live"));
    EXPECT_EQ(endpoint_.serve(Stage::Live, now_), SteadyTime::max());
    feed_.publish("lamp", "alert");
    (void)endpoint_.serve(Stage::Live, now_);
    EXPECT_THAT(present->takeSent(), SizeIs(1));
    EXPECT_THAT(behind->takeSent(), IsEmpty());
    EXPECT_EQ(endpoint_.serve(Stage::CatchingUp, now_), SteadyTime::max());
    EXPECT_THAT(behind->takeSent(), SizeIs(2));
    // What comes from now on is the other thread's.
    feed_.publish("lamp", "alert");
    EXPECT_EQ(endpoint_.serve(Stage::CatchingUp, now_), SteadyTime::max());
    EXPECT_THAT(behind->takeSent(), IsEmpty());
    (void)endpoint_.serve(Stage::Live, now_);
    EXPECT_THAT(behind->takeSent(), SizeIs(1));
}

TEST_F(LiveEndpointTest, ALinkIsServedByOneThreadAtATimeAndMissesNothingWhenItChanges) {
    constexpr std::size_t kEvents = 300;
    std::vector<FakeWebSocketLink*> joined;
    std::atomic<bool> over = false;
    const auto serveStage = [&](Stage stage) {
        while (!over) (void)endpoint_.serve(stage, now_);
    };
    for (int i = 0; i < 8; ++i) {
        joined.push_back(links_.connect(FakeHttpRequest("/api/live").withQuery("since", "0")));
    }
    std::thread catching_up(serveStage, Stage::CatchingUp);
    std::thread live(serveStage, Stage::Live);
    for (std::size_t i = 0; i < kEvents; ++i) feed_.publish("lamp", "status");
    over = true;
    catching_up.join();
    live.join();
    serve();
    for (FakeWebSocketLink* link : joined) {
        const auto sent = link->takeSent();
        ASSERT_THAT(sent, SizeIs(kEvents));
        for (std::size_t i = 0; i < kEvents; ++i) {
            ASSERT_THAT(sent[i], HasSubstr("\"sequence\":" + std::to_string(i + 1) + ","));
        }
    }
}

TEST_F(LiveEndpointTest, LinksAreCountedAndLetGo) {
    FakeWebSocketLink& one = connect();
    connect();
    EXPECT_THAT(metrics_.text(), HasSubstr("\nreaders 2\n"));
    one.ends({LinkEnd::Cause::PeerClosed, CloseCode::Normal});
    EXPECT_THAT(metrics_.text(), HasSubstr("\nreaders 1\n"));
    feed_.publish("lamp", "status");
    serve();
    mounted_ = Registration();
    serve();
    EXPECT_EQ(feed_.readers(), 0U);
    EXPECT_EQ(next_, SteadyTime::max());
}

TEST_F(LiveEndpointTest, AReaderOfAnotherDatabaseIsToldThatItMissedEvents) {
    feed_.publish("lamp", "status");
    FakeWebSocketLink& link = connect("#", "7");
    EXPECT_THAT(link.takeSent(), ElementsAre(R"({"event":"lagged","resume_from":1})"));
    EXPECT_EQ(link.closeCode(), CloseCode::TryAgainLater);
    EXPECT_EQ(connect("#", "1").closeCode(), std::nullopt);
}

}  // namespace
}  // namespace hub::http_api
