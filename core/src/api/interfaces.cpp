// The one home of every interface's vtable and type information: plugins and the hub agree on them
// because there is no second copy.
#include "hub/commands.h"
#include "hub/devices.h"
#include "hub/event_feed.h"
#include "hub/event_sink.h"
#include "hub/history.h"
#include "hub/http.h"
#include "hub/hub_services.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/plugin.h"
#include "hub/store.h"
#include "hub/time.h"
#include "hub/transport.h"
#include "hub/websocket.h"

namespace hub {

Clock::~Clock() = default;
CommandGuard::~CommandGuard() = default;
Commands::~Commands() = default;
Counter::~Counter() = default;
DeviceSession::~DeviceSession() = default;
Devices::~Devices() = default;
EventFeed::~EventFeed() = default;
EventListener::~EventListener() = default;
EventReader::~EventReader() = default;
EventSink::~EventSink() = default;
Gauge::~Gauge() = default;
Histogram::~Histogram() = default;
History::~History() = default;
HttpRequest::~HttpRequest() = default;
HttpRoutes::~HttpRoutes() = default;
HttpStream::~HttpStream() = default;
HubServices::~HubServices() = default;
LogTail::~LogTail() = default;
Logger::~Logger() = default;
Metrics::~Metrics() = default;
Plugin::~Plugin() = default;
Store::~Store() = default;
Transport::~Transport() = default;
WebSocketEndpoint::~WebSocketEndpoint() = default;
WebSocketEndpoints::~WebSocketEndpoints() = default;
WebSocketLink::~WebSocketLink() = default;
WebSocketSession::~WebSocketSession() = default;

bool Store::maintain(Timestamp) noexcept { return false; }

bool WebSocketSession::onBinary(std::string_view) { return false; }

}  // namespace hub
