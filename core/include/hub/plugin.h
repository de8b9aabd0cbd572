#pragma once

#include "hub/api.h"
#include "hub/hub_services.h"
#include "hub/options.h"
#include "hub/plugin_status.h"

#include <span>

namespace hub {

// The life of a loaded plugin, driven by the hub, one step after the other:
//
//   constructor -> options -> configure -> start -> (health)* -> stop -> destructor
//
// On the hub's main thread up to `start`, on another one from `stop` on. Only `health` may be
// called from any thread, several at a time, between `start` and `stop`.
class HUB_API Plugin {
public:
    virtual ~Plugin();

    // The configuration keys this plugin understands, all beginning with its own section. The
    // returned memory lives as long as the library.
    [[nodiscard]] virtual std::span<const Option> options() const noexcept = 0;

    // Checks the options further and keeps what it needs; touches nothing outside itself. Throws
    // std::exception with a sentence naming the key to change.
    virtual void configure(const Options& options) = 0;

    // Attaches itself to the hub, opens and listens. `hub` stays valid until `stop` has returned.
    // Throws std::exception when it cannot: it is then destroyed without `stop`.
    virtual void start(HubServices& hub) = 0;

    // Gives back what `start` took. When it returns no thread of the plugin will call the hub
    // again: what one tries after all is refused, and logged as a fault of the plugin. One that has
    // not returned after two seconds is left behind, and the hub ends without it.
    virtual void stop() noexcept = 0;

    // How it is just now. Returns at once: whoever asks may be waiting for an answer of the hub.
    [[nodiscard]] virtual Health health() const = 0;
};

}  // namespace hub
