#pragma once

#include "hub/api.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

// What a plugin is for: stores start first and stop last, transports come next, the rest follows.
enum class PluginKind : std::uint8_t { Store, Transport, Extension };

// How far a plugin has come.
enum class PluginState : std::uint8_t { Loaded, Configured, Started, Stopped, Failed };

// How a plugin is. `sentence` says why, in words an operator can act on.
struct Health {
    enum class State : std::uint8_t { Ok, Degraded, Failed };
    State state = State::Ok;
    std::string sentence;
};

// The words used in REST: `store`, `started`, `degraded`, ...
[[nodiscard]] HUB_API std::string_view toString(PluginKind kind) noexcept;
[[nodiscard]] HUB_API std::string_view toString(PluginState state) noexcept;
[[nodiscard]] HUB_API std::string_view toString(Health::State state) noexcept;

// One plugin as seen from outside.
struct PluginStatus {
    std::string name;
    std::string version;             // "" when it could not be loaded
    std::optional<PluginKind> kind;  // nothing when it could not be loaded
    bool required = false;           // the hub does not start without it
    PluginState state = PluginState::Failed;
    Health health;  // its own word while started; Failed with the reason when it failed
};

}  // namespace hub
