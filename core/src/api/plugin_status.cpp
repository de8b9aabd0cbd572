#include "hub/plugin_status.h"

namespace hub {

std::string_view toString(PluginKind kind) noexcept {
    switch (kind) {
        case PluginKind::Store:
            return "store";
        case PluginKind::Transport:
            return "transport";
        case PluginKind::Extension:
            return "extension";
    }
    return "";
}

std::string_view toString(PluginState state) noexcept {
    switch (state) {
        case PluginState::Loaded:
            return "loaded";
        case PluginState::Configured:
            return "configured";
        case PluginState::Started:
            return "started";
        case PluginState::Stopped:
            return "stopped";
        case PluginState::Failed:
            return "failed";
    }
    return "";
}

std::string_view toString(Health::State state) noexcept {
    switch (state) {
        case Health::State::Ok:
            return "ok";
        case Health::State::Degraded:
            return "degraded";
        case Health::State::Failed:
            return "failed";
    }
    return "";
}

}  // namespace hub
