#include "hub/device.h"

#include <algorithm>
#include <array>

namespace hub {

bool isValidDeviceId(std::string_view id) noexcept {
    constexpr std::size_t kMaxLength = 128;
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == ':' || c == '-';
    };
    return !id.empty() && id.size() <= kMaxLength && id != "." && id != ".." &&
           std::all_of(id.begin(), id.end(), allowed);
}

std::string_view toString(OfflineReason reason) noexcept {
    switch (reason) {
        case OfflineReason::None:
            return "";
        case OfflineReason::Closed:
            return "closed";
        case OfflineReason::Lost:
            return "lost";
        case OfflineReason::Timeout:
            return "timeout";
        case OfflineReason::TakenOver:
            return "taken_over";
        case OfflineReason::Kicked:
            return "kicked";
        case OfflineReason::HubStopped:
            return "hub_stopped";
        case OfflineReason::HubRestarted:
            return "hub_restarted";
    }
    return "";
}

std::optional<OfflineReason> offlineReasonFrom(std::string_view word) noexcept {
    constexpr std::array kReasons{OfflineReason::None,       OfflineReason::Closed,
                                  OfflineReason::Lost,       OfflineReason::Timeout,
                                  OfflineReason::TakenOver,  OfflineReason::Kicked,
                                  OfflineReason::HubStopped, OfflineReason::HubRestarted};
    const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                    [&](OfflineReason reason) { return toString(reason) == word; });
    if (found == kReasons.end()) return std::nullopt;
    return *found;
}

}  // namespace hub
