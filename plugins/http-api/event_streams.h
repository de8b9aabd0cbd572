#pragma once

#include "feed_query.h"
#include "hub/event_feed.h"
#include "hub/http.h"
#include "hub/metrics.h"
#include "hub/time.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace hub::http_api {

// The live events as Server-Sent Events: any number of readers without a thread of their own. They
// are read on the hub's workers as their clients have room.
class EventStreams {
public:
    // Something is sent at least so often, so that both ends learn of a broken connection.
    static constexpr std::chrono::seconds kHeartbeat{15};
    // How long a reader waits at most whose history could not be read.
    static constexpr std::chrono::seconds kRetry{1};

    // `readers` shows how many there are; `wake` is called from any thread when `serve` is to be
    // called earlier than it said. All must outlive it.
    EventStreams(EventFeed& events, Gauge& readers, std::function<void()> wake)
        : events_(events), readers_(readers), wake_(std::move(wake)) {}
    EventStreams(const EventStreams&) = delete;
    EventStreams& operator=(const EventStreams&) = delete;

    // The events that `query` asks for; those "from now on" are the ones behind this call. It must
    // be gone before this is. Any thread.
    [[nodiscard]] std::shared_ptr<HttpStream> open(FeedQuery query);

    // Has heartbeats sent that are due at `now`, and failed reads tried again. Returns when it is
    // to be called next. One thread.
    [[nodiscard]] SteadyTime serve(SteadyTime now);

private:
    class Bell;
    class Stream;
    using Bells = std::set<std::shared_ptr<Bell>>;

    void retry(const std::shared_ptr<Bell>& bell);
    void add(std::shared_ptr<Bell> bell);
    void remove(const std::shared_ptr<Bell>& bell);

    // Constant after construction.
    EventFeed& events_;
    Gauge& readers_;
    const std::function<void()> wake_;

    // Serving thread only.
    SteadyTime next_heartbeat_{};
    std::optional<SteadyTime> next_retry_;

    // Guarded by mutex_.
    std::mutex mutex_;
    Bells bells_;   // one for each stream
    Bells failed_;  // of those whose history could not be read
};

}  // namespace hub::http_api
