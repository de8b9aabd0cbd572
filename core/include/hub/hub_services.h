#pragma once

#include "hub/api.h"
#include "hub/commands.h"
#include "hub/devices.h"
#include "hub/event_feed.h"
#include "hub/history.h"
#include "hub/http.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/plugin_status.h"
#include "hub/registration.h"
#include "hub/store.h"
#include "hub/time.h"
#include "hub/websocket.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

// Whether the hub takes in and keeps what devices say, and if not, why.
struct Readiness {
    std::vector<std::string> reasons;  // one sentence each; none when it is ready

    [[nodiscard]] bool ready() const noexcept { return reasons.empty(); }
};

// What a running plugin may call: valid from `Plugin::start` until `Plugin::stop` has returned.
// What a thread of it calls later is refused: nothing is attached any more (std::logic_error),
// opened (Unavailable), published or found; clock, logger and metrics stay. Sinks and sessions that
// are still held can only be given back; routes and the like are detached by then. A session on the
// sink of an I/O thread is not watched over: it ends with its link.
class HUB_API HubServices {
public:
    virtual ~HubServices();

    [[nodiscard]] virtual Devices& devices() noexcept = 0;
    [[nodiscard]] virtual Commands& commands() noexcept = 0;
    [[nodiscard]] virtual EventFeed& events() noexcept = 0;
    [[nodiscard]] virtual HttpRoutes& http() noexcept = 0;
    [[nodiscard]] virtual WebSocketEndpoints& webSockets() noexcept = 0;
    [[nodiscard]] virtual const Clock& clock() const noexcept = 0;

    // This plugin's own logger, under its name.
    [[nodiscard]] virtual Logger& logger() noexcept = 0;

    // The newest lines of the whole hub's log.
    [[nodiscard]] virtual const LogTail& logTail() const noexcept = 0;

    [[nodiscard]] virtual Metrics& metrics() noexcept = 0;

    // Every plugin that was selected, in the order of loading, with its word on how it is just now.
    // Any thread.
    [[nodiscard]] virtual std::vector<PluginStatus> plugins() const = 0;

    // Makes `store` the one that decides what is durable, and `history` the one that is read. Only
    // from `start`; recovers from the store before it returns, and throws what it throws. A second
    // store is refused with std::logic_error. Both must live until the registration is destroyed.
    [[nodiscard]] virtual Registration attach(Store& store, History& history) = 0;

    // What the attached store offers for reading; null when there is none.
    [[nodiscard]] virtual const History* history() const noexcept = 0;

    // What /readyz answers. Any thread.
    [[nodiscard]] virtual Readiness readiness() const = 0;

    // What /livez answers: whether the hub's own threads still do their work. One that waits for a
    // disk or for a busy database lives; false is for a hub that only a restart can help. Waits for
    // their answer, up to a second: any thread but an I/O thread.
    [[nodiscard]] virtual bool alive() const = 0;

    // The folder for everything the hub keeps: absolute, existing, writable.
    [[nodiscard]] virtual const std::filesystem::path& dataDirectory() const noexcept = 0;

    // `0.1.0`
    [[nodiscard]] virtual std::string_view version() const noexcept = 0;
};

}  // namespace hub
