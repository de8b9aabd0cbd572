#pragma once

#include "hub/hub_services.h"
#include "hub/registration.h"
#include "hub/transport.h"
#include "hub/websocket.h"
#include "ws_session.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace hub::ws_transport {

// Devices that speak over WebSocket at /ws/{device_id}: admits them, and finds the session that a
// call of the hub is meant for.
class WsTransport final : public Transport, public WebSocketEndpoint {
public:
    // Devices may connect from here on, until it is destroyed. `hub` must outlive it.
    WsTransport(const WebSocketLimits& limits, HubServices& hub);

    [[nodiscard]] std::string_view name() const noexcept override;
    [[nodiscard]] Delivery deliver(LinkId link, const Command& command) override;
    void disconnect(LinkId link, OfflineReason reason) noexcept override;
    void granted(LinkId link) noexcept override;
    void durable(LinkId link, AckTag tag) noexcept override;

    [[nodiscard]] std::optional<HttpResponse> refuse(const HttpRequest& request) override;
    [[nodiscard]] std::unique_ptr<WebSocketSession> open(WebSocketLink& link,
                                                         const HttpRequest& request) override;

private:
    [[nodiscard]] IoThread& threadOf(const EventSink& sink);

    // Constant after construction.
    WebSocketEndpoints& links_;
    ThrottledLogger throttled_;  // takes calls of any thread
    const SessionSurroundings surroundings_;

    // Guarded by mutex_; each IoThread itself belongs to the thread of its sink.
    std::mutex mutex_;
    std::unordered_map<const EventSink*, IoThread> threads_;

    Registration mounted_;  // last, so that all sessions are gone before the rest
};

}  // namespace hub::ws_transport
