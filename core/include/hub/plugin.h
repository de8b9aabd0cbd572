#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "hub/api.h"
#include "hub/hub_services.h"
#include "hub/options.h"

namespace hub {

// How a plugin is. `sentence` says why, in words an operator can act on.
struct Health {
    enum class State : std::uint8_t { Ok, Degraded, Failed };
    State state = State::Ok;
    std::string sentence;
};

// The life of a loaded plugin, driven by the hub on its main thread:
//
//   constructor -> options -> configure -> start -> (health)* -> stop -> destructor
//
// Only `health` may be called from other threads, between `start` and `stop`.
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
    // again.
    virtual void stop() noexcept = 0;

    [[nodiscard]] virtual Health health() const = 0;
};

}  // namespace hub
