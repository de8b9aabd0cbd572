#pragma once

#include "hub/websocket.h"
#include "net/loop.h"
#include "websocket/link_metrics.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace hub::websocket {

class BacklogBudget;
class Link;
class Mount;

// The links of one loop that have a session, by number. A number holds the loop's index, so that
// every thread knows where a link lives, and a counter that never repeats one.
//
// Belongs to the loop's thread, unless said otherwise.
class LinkTable {
public:
    // All arguments must outlive it; it must outlive the running of `loop`. `backlogs` is shared
    // with the tables of other loops.
    LinkTable(net::Loop& loop, EventSink& events, BacklogBudget& backlogs);

    [[nodiscard]] static std::size_t indexOf(LinkId id) noexcept;

    [[nodiscard]] net::Loop& loop() const noexcept { return loop_; }
    [[nodiscard]] EventSink& events() const noexcept { return events_; }
    [[nodiscard]] BacklogBudget& backlogs() const noexcept { return backlogs_; }
    // Read by any thread.
    [[nodiscard]] LinkCounts& counts() noexcept { return counts_; }

    // Gives a new link its number.
    [[nodiscard]] LinkId add(Link& link);
    void remove(Link& link);

    // As WebSocketEndpoints says. Any thread.
    [[nodiscard]] Delivery send(LinkId id, std::string_view text);
    void notify(LinkId id, std::uint64_t word);

    // How many links there are. Any thread.
    [[nodiscard]] std::size_t size() const;

    // Remembers a link that waits for room in the event log.
    void yield(LinkId id) { yielding_.insert(id); }
    // Has all of them go on.
    void resumeYielding();

    // Shuts down the links of `mount`.
    void shutDown(const Mount& mount);

private:
    [[nodiscard]] Link* find(LinkId id) const;

    // Constant after construction.
    net::Loop& loop_;
    EventSink& events_;
    BacklogBudget& backlogs_;

    // Changed by the loop's thread under mutex_: that thread reads it without, others with it.
    mutable std::mutex mutex_;
    std::unordered_map<LinkId, Link*> links_;

    LinkCounts counts_;

    // Loop's thread only.
    std::uint64_t last_id_;
    std::unordered_set<LinkId> yielding_;
};

}  // namespace hub::websocket
