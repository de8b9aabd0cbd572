#pragma once

#include "hub/api.h"
#include "hub/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

// The hub's own number for a device: dense, given at the first registration, never used again for
// another device, the same over restarts.
enum class DeviceIndex : std::uint32_t {};

// Every DeviceIndex is below this: a hub gives no more numbers in its life, those of devices that
// were forgotten since included.
inline constexpr std::size_t kMaxDevices = std::size_t{1} << 22;

// True for 1 to 128 characters of [A-Za-z0-9._:-], but for `.` and `..`: a client takes these out
// of a path before it sends it (RFC 3986, 5.2.4), so nobody could ask for such a device.
[[nodiscard]] HUB_API bool isValidDeviceId(std::string_view id) noexcept;

// Why a device is offline.
enum class OfflineReason : std::uint8_t {
    None,          // it is online
    Closed,        // the device ended its link cleanly
    Lost,          // the link broke
    Timeout,       // nothing was heard for longer than the device's timeout
    TakenOver,     // a newer link with the same id took its place
    Kicked,        // an operator closed it
    HubStopped,    // the hub shut down
    HubRestarted,  // the hub came back from a crash and found it marked online
};

// The word used in REST, in the database and in topics: `closed`, `taken_over`, ... and "" for
// None.
[[nodiscard]] HUB_API std::string_view toString(OfflineReason reason) noexcept;

// The reverse; nothing for a word that is none of them.
[[nodiscard]] HUB_API std::optional<OfflineReason> offlineReasonFrom(
    std::string_view word) noexcept;

// What the hub knows of one device, as a copy taken at one instant.
struct Device {
    DeviceIndex index{};
    std::string id;
    std::string type;               // `unknown` until the device has told it
    std::string metadata;           // a JSON object as text, `{}` when none was given
    std::vector<std::string> tags;  // the words of `metadata.tags`, in its order
    std::string transport;          // name of the transport of the current or last link
    bool online = false;
    OfflineReason offline_reason = OfflineReason::None;
    std::optional<Timestamp> connected_at;     // begin of the current or last link
    std::optional<Timestamp> disconnected_at;  // end of the last link; none while online
    std::optional<Timestamp> last_heartbeat;   // last registration or heartbeat
    std::optional<Timestamp> last_seen;        // last sign of life of any kind
    std::optional<Timestamp> last_changed;     // last change between online and offline
};

}  // namespace hub
