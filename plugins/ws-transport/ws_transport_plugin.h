#pragma once

#include "hub/plugin.h"
#include "hub/websocket.h"

#include <memory>

namespace hub::ws_transport {

class WsTransport;

// Lets devices in over WebSocket.
class WsTransportPlugin final : public Plugin {
public:
    WsTransportPlugin();
    ~WsTransportPlugin() override;

    [[nodiscard]] std::span<const Option> options() const noexcept override;
    void configure(const Options& options) override;
    void start(HubServices& hub) override;
    void stop() noexcept override;
    [[nodiscard]] Health health() const override;

private:
    WebSocketLimits limits_;
    std::unique_ptr<WsTransport> transport_;  // from start to stop
};

}  // namespace hub::ws_transport
