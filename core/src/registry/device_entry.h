#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hub/device.h"
#include "registry/forgetting.h"

namespace hub::registry {

class Session;

// One device as the registry keeps it. Shared by the registry, until the device is forgotten, and
// by the device's sessions.
struct DeviceEntry {
    DeviceEntry(DeviceIndex device_index, std::string device_id)
        : index(device_index), id(std::move(device_id)) {}

    // Constant after construction.
    const DeviceIndex index;
    const std::string id;

    // Microseconds since 1970, 0 for never: written with every message, so without the lock.
    std::atomic<std::int64_t> last_seen = 0;
    std::atomic<std::int64_t> last_heartbeat = 0;

    // It is forgotten, and the last of its events is in the log.
    std::atomic<bool> gone = false;

    // What of these is known to the store: of the thread that takes signs of life.
    std::int64_t kept_seen = 0;
    std::int64_t kept_heartbeat = 0;

    // Guarded by mutex.
    mutable std::mutex mutex;
    std::string type;
    std::string metadata = "{}";
    std::vector<std::string> tags;
    std::string transport;
    bool online = false;
    OfflineReason offline_reason = OfflineReason::None;
    std::optional<Timestamp> connected_at;
    std::optional<Timestamp> disconnected_at;
    std::optional<Timestamp> last_changed;
    Session* holder = nullptr;             // the active session
    Session* waiter = nullptr;             // the newest one, waiting for the holder to end
    bool forgotten = false;                // nobody may become holder or waiter any more
    std::optional<Forgetting> forgetting;  // until holder and waiter have ended
};

}  // namespace hub::registry
