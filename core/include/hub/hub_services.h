#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "hub/api.h"
#include "hub/devices.h"
#include "hub/history.h"
#include "hub/http.h"
#include "hub/logger.h"
#include "hub/registration.h"
#include "hub/store.h"
#include "hub/time.h"
#include "hub/websocket.h"

namespace hub {

// Whether the hub takes in and keeps what devices say, and if not, why.
struct Readiness {
    bool ready = true;
    std::string reason;  // one sentence, empty when ready
};

// What a running plugin may call: valid from `Plugin::start` until `Plugin::stop` has returned.
class HUB_API HubServices {
public:
    virtual ~HubServices();

    [[nodiscard]] virtual Devices& devices() noexcept = 0;
    [[nodiscard]] virtual HttpRoutes& http() noexcept = 0;
    [[nodiscard]] virtual WebSocketEndpoints& webSockets() noexcept = 0;
    [[nodiscard]] virtual const Clock& clock() const noexcept = 0;

    // This plugin's own logger, under its name.
    [[nodiscard]] virtual Logger& logger() noexcept = 0;

    // Makes `store` the one that decides what is durable, and `history` the one that is read. Only
    // from `start`; recovers from the store before it returns, and throws what it throws. A second
    // store is refused with std::logic_error. Both must live until the registration is destroyed.
    [[nodiscard]] virtual Registration attach(Store& store, History& history) = 0;

    // What the attached store offers for reading; null when there is none.
    [[nodiscard]] virtual const History* history() const noexcept = 0;

    // What /readyz answers. Any thread.
    [[nodiscard]] virtual Readiness readiness() const = 0;

    // The folder for everything the hub keeps: absolute, existing, writable.
    [[nodiscard]] virtual const std::filesystem::path& dataDirectory() const noexcept = 0;

    // `0.1.0`
    [[nodiscard]] virtual std::string_view version() const noexcept = 0;
};

}  // namespace hub
