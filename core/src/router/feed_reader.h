#pragma once

#include "hub/event_feed.h"
#include "hub/history.h"
#include "hub/metrics.h"
#include "router/event_log.h"
#include "router/live_tail.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace hub::router {

// What readers of the feed stand on. Must outlive them.
struct FeedSources {
    EventLog& log;
    LiveTail& tail;
    const History& history;
    Counter& lagged;
};

// A position in the hub's durable events. It moves through the history as long as that is where the
// next event is, then along the tail; one that the tail has left behind after that has lagged.
//
// Without a store there is no history: a reader that begins behind the present begins with what the
// tail has.
class FeedReader final : public EventReader {
public:
    // Events looked at in one `read`, so that a filter that matches little does not hold up its
    // thread.
    static constexpr std::size_t kEvents = 4096;

    // A number that is not reached yet, as one of another database, stands for the present.
    FeedReader(const FeedSources& sources, TopicFilter filter, std::optional<Sequence> after,
               std::function<void()> wake);
    ~FeedReader() override;
    FeedReader(const FeedReader&) = delete;
    FeedReader& operator=(const FeedReader&) = delete;

    [[nodiscard]] State read(const std::function<bool(const Event&)>& visit) override;
    [[nodiscard]] Sequence position() const noexcept override { return position_; }

private:
    using Visit = std::function<bool(const Event&)>;

    [[nodiscard]] std::optional<State> step(const Visit& visit);
    [[nodiscard]] std::optional<State> visitTail(std::span<const SharedBatch> batches,
                                                 const Visit& visit);
    [[nodiscard]] std::optional<State> visitHistory(const Visit& visit);
    [[nodiscard]] bool look(const Event& event, const Visit& visit);
    [[nodiscard]] State lag();

    // Constant after construction.
    const FeedSources sources_;
    const TopicFilter filter_;
    const std::shared_ptr<LiveTail::Reader> tail_reader_;

    Sequence position_;
    bool live_;             // it has reached the tail
    bool lagged_ = false;   // and was left behind by it
    std::size_t left_ = 0;  // events that this `read` may still look at
};

}  // namespace hub::router
