#pragma once

#include "fakes/fake_store.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "metrics/metric_registry.h"
#include "router/feed.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::router {

// What the store has, unless it cannot be read just now. Only events are asked for.
class FeedHistory final : public History {
public:
    explicit FeedHistory(const fakes::FakeStore& store) : store_(store) {}

    void setReadable(bool readable) { readable_ = readable; }
    // So many events are visited before a read is cut short.
    void setPatience(std::size_t events) { patience_ = events; }
    // How often it was asked.
    [[nodiscard]] std::size_t reads() const { return reads_; }

    [[nodiscard]] Result<std::optional<Sequence>> states(
        const HistoryQuery&, const std::function<bool(const StateRow&)>&) const override {
        return unreadable();
    }
    [[nodiscard]] Result<std::optional<Sequence>> connections(
        const HistoryQuery&, const std::function<bool(const ConnectionRow&)>&) const override {
        return unreadable();
    }
    [[nodiscard]] Result<std::optional<CommandNumber>> commands(
        const CommandQuery&, const VisitCommand&) const override {
        return unreadable();
    }
    [[nodiscard]] Result<bool> command(std::string_view, DeviceIndex, const VisitCommand&,
                                       const VisitTarget&) const override {
        return unreadable();
    }
    [[nodiscard]] Result<std::optional<Sequence>> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override {
        ++reads_;
        if (!readable_) return unreadable();
        std::size_t visited = 0;
        std::optional<Sequence> cut_short;
        const auto read = store_.events(after, [&](const Event& event) {
            if (!visit(event)) return false;
            if (++visited == patience_) cut_short = event.sequence;
            return !cut_short;
        });
        return read ? cut_short : read;
    }

private:
    static Error unreadable() { return {Error::Kind::Unavailable, "the database is busy"}; }

    const fakes::FakeStore& store_;
    std::atomic<bool> readable_ = true;
    std::atomic<std::size_t> patience_ = SIZE_MAX;
    mutable std::atomic<std::size_t> reads_ = 0;
};

// Somebody who reads the feed, and waits to be woken where it has no more.
class Reading {
public:
    Reading(EventFeed& feed, TopicFilter filter, std::optional<Sequence> after)
        : reader_(feed.open(std::move(filter), after, [this] { wake(); })) {}

    // Reads on, `most` events at a time, until everything up to `end` was looked at; the last
    // answer. Fails after ten seconds without any.
    EventReader::State until(Sequence end, std::size_t most = SIZE_MAX) {
        auto state = EventReader::State::More;
        while (reader_->position() < end) {
            if (state == EventReader::State::Waiting && !awaitWake()) {
                ADD_FAILURE() << "nobody wakes the reader at " << reader_->position();
                break;
            }
            state = once(most);
            if (state == EventReader::State::Lagged) break;
            if (state == EventReader::State::Unavailable) break;
        }
        return state;
    }

    // One read, of `most` events.
    EventReader::State once(std::size_t most = SIZE_MAX) {
        return reader_->read([this, &most](const Event& event) {
            EXPECT_EQ(event.command, nullptr);
            numbers_.push_back(event.sequence);
            topics_.push_back(topicOf(event));
            return --most > 0;
        });
    }

    // Waits until it was woken since the last time; false after ten seconds.
    bool awaitWake() {
        std::unique_lock lock(mutex_);
        const bool woken =
            changed_.wait_for(lock, std::chrono::seconds(10), [this] { return woken_ > 0; });
        woken_ = 0;
        return woken;
    }
    [[nodiscard]] int woken() const {
        const std::lock_guard lock(mutex_);
        return woken_;
    }

    [[nodiscard]] Sequence position() const { return reader_->position(); }
    // What was shown since the last time.
    [[nodiscard]] std::vector<Sequence> takeNumbers() { return std::exchange(numbers_, {}); }
    [[nodiscard]] std::vector<std::string> takeTopics() { return std::exchange(topics_, {}); }

private:
    void wake() {
        const std::lock_guard lock(mutex_);
        ++woken_;
        changed_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int woken_ = 0;

    std::vector<Sequence> numbers_;
    std::vector<std::string> topics_;
    std::unique_ptr<EventReader> reader_;
};

// A log, the feed of it, and a store that takes what is in the log when a test says so.
class FeedTest : public testing::Test {
protected:
    static constexpr std::size_t kRing = 4096;

    void attachStore() { log_.retain(log_.last(), {}); }

    // An event that is in the log, and not durable yet.
    Sequence append(const Event& event) {
        BatchBuilder builder;
        EXPECT_TRUE(builder.add(event));
        return log_.append(builder.take());
    }
    // All that is in the log is durable.
    void commit() {
        std::vector<Event> events;
        while (log_.durable() < log_.last()) {
            ASSERT_TRUE(log_.wait(events, SIZE_MAX, std::chrono::seconds(10)));
            ASSERT_TRUE(store_.append(events).ok());
            log_.advance(events.back().sequence);
        }
    }
    // Something happens to a device.
    Sequence happen(std::string_view device_id, std::string_view name,
                    std::string_view payload = "{}") {
        const Sequence sequence =
            append({.device_id = device_id, .name = name, .payload = payload});
        if (log_.retains()) commit();
        return sequence;
    }
    // So much that the ring holds none of what was before; returns when the tail knows of it.
    Sequence overrun() {
        Reading witness(feed_, TopicFilter(), std::nullopt);
        const std::string large(kRing / 2, 'x');
        Sequence last = 0;
        for (int i = 0; i < 4; ++i) {
            last = happen("flood", "status", large);
            EXPECT_EQ(witness.until(last), EventReader::State::Waiting);
        }
        return last;
    }

    Reading open(std::optional<Sequence> after = std::nullopt, std::string_view filter = "#") {
        return {feed_, TopicFilter::parse(filter).value(), after};
    }
    [[nodiscard]] bool measured(const std::string& line) const {
        return metrics_.text().find("\n" + line + "\n") != std::string::npos;
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    metrics::MetricRegistry metrics_;
    EventLog log_{std::size_t{1} << 20, clock_, metrics_};
    fakes::FakeStore store_;
    FeedHistory history_{store_};
    Feed feed_{log_, history_, kRing, logger_, metrics_};
};

}  // namespace hub::router
