#pragma once

#include "hub/event_feed.h"
#include "hub/history.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "router/event_log.h"
#include "router/feed_reader.h"
#include "router/live_tail.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace hub::router {

// The live events of the hub: what the log has made durable, and behind that the history. As long
// as nobody reads, it keeps nothing. Any thread.
class Feed final : public EventFeed {
public:
    // `ring_bytes`: of the newest events, kept for readers (see LiveTail). All else must outlive
    // it.
    Feed(EventLog& log, const History& history, std::size_t ring_bytes, Logger& logger,
         Metrics& metrics);

    [[nodiscard]] std::unique_ptr<EventReader> open(TopicFilter filter,
                                                    std::optional<Sequence> after,
                                                    std::function<void()> wake) override;
    [[nodiscard]] Registration listen(TopicFilter filter, std::optional<Sequence> after,
                                      EventListener& listener) override;
    [[nodiscard]] Sequence durable() const noexcept override { return log_.durable(); }

private:
    // Constant after construction.
    EventLog& log_;
    Logger& logger_;

    LiveTail tail_;
    const FeedSources sources_;
};

}  // namespace hub::router
