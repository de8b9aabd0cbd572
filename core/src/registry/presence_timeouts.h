#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace hub::registry {

// How long devices may be silent before they are offline.
struct PresenceTimeouts {
    using ByName = std::map<std::string, std::chrono::milliseconds, std::less<>>;

    std::chrono::milliseconds all{90'000};
    ByName by_type;    // wins over `all`
    ByName by_device;  // wins over `by_type`

    [[nodiscard]] std::chrono::milliseconds of(std::string_view id, std::string_view type) const {
        if (const auto own = by_device.find(id); own != by_device.end()) return own->second;
        if (const auto same = by_type.find(type); same != by_type.end()) return same->second;
        return all;
    }
};

}  // namespace hub::registry
