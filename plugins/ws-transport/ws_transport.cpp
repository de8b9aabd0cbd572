#include "ws_transport.h"

#include <algorithm>
#include <array>
#include <string>

namespace hub::ws_transport {
namespace {

constexpr std::string_view kPattern = "/ws/{device_id}";
constexpr std::string_view kParameter = "device_id";

// Where dashboards of an earlier system connect, which are no devices.
constexpr std::array<std::string_view, 3> kReserved{"servo", "dashboard", "browser"};

}  // namespace

WsTransport::WsTransport(const WebSocketLimits& limits, HubServices& hub)
    : links_(hub.webSockets()),
      throttled_(hub.logger(), hub.clock()),
      surroundings_{hub.devices(),
                    *this,
                    hub.clock(),
                    hub.logger(),
                    throttled_,
                    hub.metrics().counter("hub_device_messages_refused_total",
                                          "Documents of devices that broke the rules."),
                    hub.history() != nullptr},
      mounted_(links_.mount(kPattern, *this, limits)) {}

std::string_view WsTransport::name() const noexcept { return "websocket"; }

Delivery WsTransport::deliver(LinkId link, const Command& command) {
    std::string text = R"({"message_type":"command","command_id":)";
    appendJsonString(text, command.id);
    text += R"(,"command_name":)";
    appendJsonString(text, command.name);
    text += R"(,"payload":)";
    text += command.payload.empty() ? "{}" : command.payload;
    text += '}';
    const Delivery delivery = links_.send(link, text);
    if (delivery == Delivery::Busy) links_.notify(link, WsSession::wordForQueueFull());
    return delivery;
}

void WsTransport::disconnect(LinkId link, OfflineReason reason) noexcept {
    links_.notify(link, WsSession::wordForDisconnect(reason));
}

void WsTransport::granted(LinkId link) noexcept {
    links_.notify(link, WsSession::wordForGranted());
}

void WsTransport::durable(LinkId /*link*/, AckTag tag) noexcept {
    WsSession::from(tag).onDurable();
}

std::optional<HttpResponse> WsTransport::refuse(const HttpRequest& request) {
    const std::string_view id = request.parameter(kParameter);
    if (!isValidDeviceId(id)) {
        return HttpResponse::problem(
            400,
            "A device id has 1 to 128 characters of A-Z, a-z, 0-9, '.', '_', ':' and '-', and is "
            "not '.' or '..'.");
    }
    if (std::find(kReserved.begin(), kReserved.end(), id) != kReserved.end()) {
        return HttpResponse::problem(
            400, "The ids servo, dashboard and browser are reserved: give the device another one.");
    }
    return std::nullopt;
}

std::unique_ptr<WebSocketSession> WsTransport::open(WebSocketLink& link,
                                                    const HttpRequest& request) {
    return std::make_unique<WsSession>(link, request.parameter(kParameter),
                                       threadOf(link.events()));
}

IoThread& WsTransport::threadOf(const EventSink& sink) {
    const std::lock_guard lock(mutex_);
    return threads_.try_emplace(&sink, surroundings_).first->second;
}

}  // namespace hub::ws_transport
