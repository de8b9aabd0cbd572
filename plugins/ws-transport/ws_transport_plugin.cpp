#include "ws_transport_plugin.h"

#include "hub/plugin_export.h"
#include "ws_options.h"
#include "ws_transport.h"

namespace hub::ws_transport {

WsTransportPlugin::WsTransportPlugin() = default;

WsTransportPlugin::~WsTransportPlugin() = default;

std::span<const Option> WsTransportPlugin::options() const noexcept { return declaredOptions(); }

void WsTransportPlugin::configure(const Options& options) { limits_ = readLimits(options); }

void WsTransportPlugin::start(HubServices& hub) {
    if (hub.history() == nullptr) {
        hub.logger().warning(
            "no store is attached: messages with a msg_id are taken but never acknowledged");
    }
    transport_ = std::make_unique<WsTransport>(limits_, hub);
}

void WsTransportPlugin::stop() noexcept { transport_.reset(); }

Health WsTransportPlugin::health() const { return {}; }

}  // namespace hub::ws_transport

HUB_EXPORT_PLUGIN(hub::ws_transport::WsTransportPlugin, "ws-transport", HUB_VERSION,
                  hub::PluginKind::Transport)
