#include "core/router/feed_fixture.h"

#include <gmock/gmock.h>

#include <future>
#include <span>
#include <stdexcept>
#include <thread>

namespace hub::router {
namespace {

using testing::ElementsAre;

// A listener that keeps what it hears, and can be held up or made to fail. Any thread.
class Hearing final : public EventListener {
public:
    void onEvents(std::span<const Event> events) override {
        std::unique_lock lock(mutex_);
        thread_ = std::this_thread::get_id();
        for (const Event& event : events) {
            heard_.push_back(event.sequence);
            bytes_ += event.payload.size();
        }
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        if (fails_) throw std::runtime_error("the lamp is broken");
    }
    void onLag(Sequence position) noexcept override {
        const std::lock_guard lock(mutex_);
        lagged_behind_.push_back(position);
        changed_.notify_all();
    }

    void hold(bool held) {
        const std::lock_guard lock(mutex_);
        held_ = held;
        changed_.notify_all();
    }
    void fail() {
        const std::lock_guard lock(mutex_);
        fails_ = true;
    }

    // Waits until the event `last` was heard; false once `patience` is over.
    bool await(Sequence last, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience,
                                 [&] { return !heard_.empty() && heard_.back() >= last; });
    }
    bool awaitLag() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10),
                                 [this] { return !lagged_behind_.empty(); });
    }

    [[nodiscard]] std::vector<Sequence> heard() const {
        const std::lock_guard lock(mutex_);
        return heard_;
    }
    [[nodiscard]] std::vector<Sequence> laggedBehind() const {
        const std::lock_guard lock(mutex_);
        return lagged_behind_;
    }
    [[nodiscard]] std::size_t bytes() const {
        const std::lock_guard lock(mutex_);
        return bytes_;
    }
    [[nodiscard]] std::thread::id thread() const {
        const std::lock_guard lock(mutex_);
        return thread_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Sequence> heard_;
    std::vector<Sequence> lagged_behind_;
    std::size_t bytes_ = 0;
    std::thread::id thread_;
    bool held_ = false;
    bool fails_ = false;
};

class ListeningTest : public FeedTest {
protected:
    ListeningTest() { attachStore(); }

    Registration listen(Hearing& listener, std::optional<Sequence> after = std::nullopt,
                        std::string_view filter = "#") {
        return feed_.listen(TopicFilter::parse(filter).value(), after, listener);
    }
};

TEST_F(ListeningTest, HearsWhatMatchesFromNowOnOnAThreadOfItsOwn) {
    happen("lamp-1", "alert");
    Hearing listener;
    const Registration listening = listen(listener, std::nullopt, "devices/+/alert");
    happen("lamp-1", "status");
    happen("lamp-1", "alert");
    happen("lamp-2", "alert");
    EXPECT_TRUE(listener.await(4));
    EXPECT_THAT(listener.heard(), ElementsAre(3, 4));
    EXPECT_NE(listener.thread(), std::this_thread::get_id());
}

TEST_F(ListeningTest, HearsWhatTheHistoryHasBehindANumber) {
    for (int i = 0; i < 4; ++i) happen("lamp-1", "status");
    Hearing listener;
    const Registration listening = listen(listener, 2);
    happen("lamp-1", "status");
    EXPECT_TRUE(listener.await(5));
    EXPECT_THAT(listener.heard(), ElementsAre(3, 4, 5));
}

TEST_F(ListeningTest, HearsAllOfWhatIsMoreThanFitsIntoOneCall) {
    const std::string large(BatchBuilder::kBytes / 2, 'x');
    for (int i = 0; i < 9; ++i) happen("lamp-1", "status", large);
    Hearing listener;
    const Registration listening = listen(listener, 0);
    EXPECT_TRUE(listener.await(9));
    EXPECT_THAT(listener.heard(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
    EXPECT_EQ(listener.bytes(), 9 * large.size());
}

TEST_F(ListeningTest, OneThatThrowsIsDetachedAndLoggedOnce) {
    Hearing broken;
    Hearing sound;
    broken.fail();
    const Registration first = listen(broken, std::nullopt, "devices/+/status");
    const Registration second = listen(sound);
    happen("lamp-1", "status");
    EXPECT_TRUE(broken.await(1));
    happen("lamp-1", "status");
    EXPECT_TRUE(sound.await(2));

    while (!measured("hub_feed_readers 1")) std::this_thread::yield();
    EXPECT_THAT(broken.heard(), ElementsAre(1));
    ASSERT_EQ(logger_.lines().size(), 1U);
    EXPECT_EQ(logger_.lines()[0].level, LogLevel::Error);
    EXPECT_EQ(logger_.lines()[0].message,
              "a listener of devices/+/status has failed and hears no more: the lamp is broken");
}

TEST_F(ListeningTest, TheEndOfTheRegistrationWaitsForACallInProgress) {
    Hearing listener;
    std::optional<Registration> listening = listen(listener);
    listener.hold(true);
    happen("lamp-1", "status");
    ASSERT_TRUE(listener.await(1));
    auto ended = std::async(std::launch::async, [&listening] { listening.reset(); });
    EXPECT_EQ(ended.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    listener.hold(false);
    ended.get();

    happen("lamp-1", "status");
    EXPECT_THAT(listener.heard(), ElementsAre(1));
}

TEST_F(ListeningTest, OneThatLagsIsToldAndGoesOnFromThePresent) {
    Hearing listener;
    const Registration listening = listen(listener);
    listener.hold(true);
    const Sequence heard = happen("lamp-1", "status");
    ASSERT_TRUE(listener.await(heard));
    overrun();
    listener.hold(false);
    ASSERT_TRUE(listener.awaitLag());
    EXPECT_THAT(listener.laggedBehind(), ElementsAre(heard));

    // It may take a moment until it listens again.
    while (!listener.await(happen("lamp-1", "status"), std::chrono::milliseconds(10))) {
    }
    EXPECT_THAT(listener.heard(), testing::Each(testing::AnyOf(heard, testing::Gt(heard + 4))));
}

TEST_F(ListeningTest, AHistoryThatCannotBeReadIsAskedAgain) {
    happen("lamp-1", "status");
    history_.setReadable(false);
    Hearing listener;
    const Registration listening = listen(listener, 0);
    while (history_.reads() == 0) std::this_thread::yield();
    history_.setReadable(true);
    EXPECT_TRUE(listener.await(1));
}

}  // namespace
}  // namespace hub::router
