#pragma once

#include "http/front_door.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/websocket.h"
#include "net/loop_group.h"
#include "websocket/backlog.h"
#include "websocket/link_metrics.h"
#include "websocket/link_table.h"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace hub::websocket {

// The WebSocket server behind the front door: endpoints on their paths, and links by number. Any
// thread, unless said otherwise.
class Server final : public WebSocketEndpoints {
public:
    // `events` has the sink of each loop, in the same order. All must outlive the server, but the
    // loops must have stopped before it goes. `backlog_bytes` is what all links together may read
    // while the event log is full, beside their own shares.
    Server(net::LoopGroup& loops, const std::vector<EventSink*>& events,
           http::FrontDoor& front_door, std::size_t backlog_bytes, Metrics& metrics,
           Logger& logger);
    ~Server() override;

    [[nodiscard]] Registration mount(std::string_view pattern, WebSocketEndpoint& endpoint,
                                     const WebSocketLimits& limits) override;
    [[nodiscard]] Delivery send(LinkId link, std::string_view text) override;
    void notify(LinkId link, std::uint64_t word) override;

    // Has the links of a loop go on that wait for room in the event log. On that loop's thread,
    // when its sink is not paused any more.
    void resumeYielding(std::size_t loop);

private:
    [[nodiscard]] LinkTable* tableOf(LinkId link) const noexcept;

    BacklogBudget backlogs_;  // of all loops; any thread

    // Constant after construction.
    const std::vector<std::unique_ptr<LinkTable>> tables_;
    http::FrontDoor& front_door_;
    Logger& logger_;
    LinkMetrics metrics_;
};

}  // namespace hub::websocket
