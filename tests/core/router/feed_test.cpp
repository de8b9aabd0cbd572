#include "core/router/feed_fixture.h"

#include <gmock/gmock.h>

namespace hub::router {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using State = EventReader::State;

TEST_F(FeedTest, ShowsWhatBecomesDurableFromNowOn) {
    attachStore();
    happen("lamp-1", "status");
    Reading reading(open());
    const Sequence status = happen("lamp-1", "status");
    const Sequence alert = happen("lamp-2", "alert");

    EXPECT_EQ(reading.until(alert), State::Waiting);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(status, alert));
    EXPECT_THAT(reading.takeTopics(), ElementsAre("devices/lamp-1/status", "devices/lamp-2/alert"));
    EXPECT_EQ(reading.position(), alert);
}

TEST_F(FeedTest, ShowsNothingBeforeItIsDurable) {
    attachStore();
    Reading reading(open());
    const Sequence status = append({.device_id = "lamp-1", .name = "status"});
    EXPECT_EQ(reading.once(), State::Waiting);
    EXPECT_THAT(reading.takeNumbers(), IsEmpty());
    EXPECT_EQ(feed_.durable(), 0U);

    commit();
    EXPECT_TRUE(reading.awaitWake());
    (void)reading.until(status);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(status));
    EXPECT_EQ(feed_.durable(), status);
}

TEST_F(FeedTest, HistoryAheadOfTheWatermarkIsNotShown) {
    attachStore();
    happen("lamp-1", "status");
    append({.device_id = "lamp-1", .name = "alert"});
    std::vector<Event> events;
    ASSERT_TRUE(log_.wait(events, 1, std::chrono::seconds(10)));
    ASSERT_TRUE(store_.append(events).ok());  // stored, and the log has not heard of it

    Reading reading(open(0));
    EXPECT_EQ(reading.once(), State::Waiting);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(1));

    log_.advance(2);
    (void)reading.until(2);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(2));
}

TEST_F(FeedTest, ResumesFromHistoryAndGoesOnLive) {
    attachStore();
    for (int i = 0; i < 5; ++i) happen("lamp-1", "status");
    Reading reading(open(2));
    EXPECT_EQ(reading.until(5), State::Waiting);
    happen("lamp-1", "status");
    (void)reading.until(6);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(3, 4, 5, 6));
}

TEST_F(FeedTest, ReadsNoHistoryThatTheRingHas) {
    attachStore();
    Reading first(open());
    for (int i = 0; i < 5; ++i) happen("lamp-1", "status");
    (void)first.until(5);

    Reading second(open(2));
    (void)second.until(5);
    EXPECT_THAT(second.takeNumbers(), ElementsAre(3, 4, 5));
    EXPECT_EQ(history_.reads(), 0U);
}

TEST_F(FeedTest, ANumberThatIsNotReachedStandsForThePresent) {
    attachStore();
    happen("lamp-1", "status");
    Reading reading(open(1000));
    EXPECT_EQ(reading.position(), 1U);
    happen("lamp-1", "alert");
    (void)reading.until(2);
    EXPECT_THAT(reading.takeTopics(), ElementsAre("devices/lamp-1/alert"));
}

TEST_F(FeedTest, ShowsWhatMatches) {
    attachStore();
    Reading live(open(std::nullopt, "devices/+/alert"));
    happen("lamp-1", "status");
    happen("lamp-1", "alert");
    happen("lamp-2", "status");
    (void)live.until(3);
    EXPECT_THAT(live.takeNumbers(), ElementsAre(2));

    Reading past(open(0, "devices/lamp-2/#"));
    (void)past.until(3);
    EXPECT_THAT(past.takeNumbers(), ElementsAre(3));
}

TEST_F(FeedTest, TellsOfCommandsOnlyHowTheyStandWithADevice) {
    attachStore();
    CommandRecord record;
    const CommandChange change{.record = &record};
    Reading live(open());
    append({.kind = EventKind::CommandRecorded, .name = "command", .command = &change});
    append({.kind = EventKind::CommandTarget,
            .device_id = "lamp-1",
            .name = "command",
            .command = &change});
    commit();

    (void)live.until(2);
    EXPECT_THAT(live.takeTopics(), ElementsAre("devices/lamp-1/command"));
    Reading past(open(0));
    (void)past.until(2);
    EXPECT_THAT(past.takeTopics(), ElementsAre("devices/lamp-1/command"));
}

TEST_F(FeedTest, ReadsSmallPiecesWhereLittleMatches) {
    attachStore();
    BatchBuilder builder;
    for (std::size_t i = 0; i < 3 * FeedReader::kEvents; ++i) {
        if (builder.add({.device_id = "lamp-1", .name = "status"})) continue;
        log_.append(builder.take());
        ASSERT_TRUE(builder.add({.device_id = "lamp-1", .name = "status"}));
    }
    const Sequence last = log_.append(builder.take());
    commit();

    Reading past(open(0, "devices/+/alert"));
    EXPECT_EQ(past.once(), State::More);
    EXPECT_EQ(past.position(), FeedReader::kEvents);
    (void)past.until(last);
    EXPECT_EQ(past.position(), last);
    EXPECT_THAT(past.takeNumbers(), IsEmpty());
}

TEST_F(FeedTest, AVisitorThatStopsGoesOnBehindWhatItSaw) {
    attachStore();
    Reading live(open());
    append({.device_id = "lamp-1", .name = "status"});
    BatchBuilder builder;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(builder.add({.device_id = "lamp-1", .name = "alert"}));
    log_.append(builder.take());
    commit();

    Reading past(open(0));
    EXPECT_EQ(past.until(4, 1), State::More);
    EXPECT_THAT(past.takeNumbers(), ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(live.until(4, 1), State::More);
    EXPECT_THAT(live.takeNumbers(), ElementsAre(1, 2, 3, 4));
}

TEST_F(FeedTest, ALiveReaderThatIsOverrunHasLagged) {
    attachStore();
    Reading slow(open());
    const Sequence seen = happen("lamp-1", "status");
    (void)slow.until(seen);
    const Sequence missed = happen("lamp-1", "alert");
    const Sequence last = overrun();

    EXPECT_EQ(slow.once(), State::Lagged);
    EXPECT_EQ(slow.once(), State::Lagged);
    EXPECT_EQ(slow.position(), seen);
    EXPECT_TRUE(measured("hub_feed_lagged_total 1"));

    Reading resumed(open(slow.position(), "devices/lamp-1/#"));
    (void)resumed.until(last);
    EXPECT_THAT(resumed.takeNumbers(), ElementsAre(missed));
}

TEST_F(FeedTest, AReaderThatCatchesUpIsNeverLagged) {
    attachStore();
    for (int i = 0; i < 5; ++i) happen("lamp-1", "status");
    Reading slow(open(0));
    Sequence last = 0;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(slow.once(1), State::More);
        last = overrun();
    }
    EXPECT_NE(slow.until(last), State::Lagged);
    const std::vector<Sequence> numbers = slow.takeNumbers();
    EXPECT_EQ(numbers.size(), last);
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
}

TEST_F(FeedTest, AHistoryThatCannotBeReadIsReadLater) {
    attachStore();
    happen("lamp-1", "status");
    happen("lamp-1", "alert");
    Reading reading(open(0));
    EXPECT_EQ(reading.once(1), State::More);
    history_.setReadable(false);
    EXPECT_EQ(reading.once(), State::Unavailable);
    EXPECT_EQ(reading.position(), 1U);

    history_.setReadable(true);
    EXPECT_EQ(reading.once(), State::Waiting);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(1, 2));
}

TEST_F(FeedTest, AHistoryThatIsCutShortGoesOnWithTheNextRead) {
    attachStore();
    for (int i = 0; i < 5; ++i) happen("lamp-1", "status");
    history_.setPatience(2);
    Reading reading(open(0));
    EXPECT_EQ(reading.once(), State::More);
    EXPECT_EQ(reading.position(), 2U);
    EXPECT_EQ(reading.once(), State::More);
    EXPECT_EQ(reading.once(), State::Waiting);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(FeedTest, WithoutAStoreTheWatermarkIsTheEnd) {
    Reading reading(open());
    const Sequence last = happen("lamp-1", "status");
    (void)reading.until(last);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(last));
}

TEST_F(FeedTest, WithoutAStoreAReaderBeginsWithWhatTheRingHas) {
    happen("lamp-1", "status");
    Reading first(open());
    happen("lamp-1", "status");
    const Sequence last = happen("lamp-1", "status");
    (void)first.until(last);

    Reading second(open(0));
    (void)second.until(last);
    EXPECT_THAT(second.takeNumbers(), ElementsAre(2, 3));
    EXPECT_EQ(history_.reads(), 0U);
}

TEST_F(FeedTest, GoesOnWhenAStoreComesAndGoes) {
    happen("lamp-1", "status");
    Reading reading(open());
    log_.retain(100, {});
    const Sequence stored = happen("lamp-1", "status");
    append({.device_id = "lamp-1", .name = "alert"});  // dropped with the store
    log_.release();
    const Sequence last = happen("lamp-1", "status");

    (void)reading.until(last);
    EXPECT_EQ(stored, 101U);
    EXPECT_EQ(last, 103U);
    EXPECT_THAT(reading.takeNumbers(), ElementsAre(stored, last));
}

TEST_F(FeedTest, WakesOnceWhoeverHasFoundNothing) {
    attachStore();
    Reading waiting(open());
    Reading idle(open());
    Reading witness(open());
    EXPECT_EQ(waiting.once(), State::Waiting);
    EXPECT_EQ(waiting.once(), State::Waiting);
    for (int i = 0; i < 2; ++i) (void)witness.until(happen("lamp-1", "status"));
    EXPECT_EQ(waiting.woken(), 1);
    EXPECT_EQ(idle.woken(), 0);
}

TEST_F(FeedTest, AReaderThatIsGoneIsNotWoken) {
    attachStore();
    int woken = 0;
    auto reader = feed_.open(TopicFilter(), std::nullopt, [&woken] { ++woken; });
    EXPECT_EQ(reader->read([](const Event&) { return true; }), State::Waiting);
    Reading witness(open());
    reader.reset();
    (void)witness.until(happen("lamp-1", "status"));
    EXPECT_EQ(woken, 0);
}

TEST_F(FeedTest, KeepsEventsOnlyWhileSomebodyReads) {
    attachStore();
    happen("lamp-1", "status");
    EXPECT_TRUE(measured("hub_feed_readers 0"));
    EXPECT_TRUE(measured("hub_feed_ring_bytes 0"));
    {
        Reading first(open());
        Reading second(open());
        (void)first.until(happen("lamp-1", "status"));
        EXPECT_TRUE(measured("hub_feed_readers 2"));
        EXPECT_FALSE(measured("hub_feed_ring_bytes 0"));
    }
    EXPECT_TRUE(measured("hub_feed_readers 0"));
    EXPECT_TRUE(measured("hub_feed_ring_bytes 0"));
}

}  // namespace
}  // namespace hub::router
