#pragma once

#include "hub/device.h"
#include "registry/forgetting.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hub::registry {

class Session;

// What a device has said of itself; most say nothing.
struct Metadata {
    std::string json;
    std::vector<std::string> tags;
};

// One device as the registry keeps it. Shared by the registry, until the device is forgotten, and
// by the device's sessions. There is one for each device ever heard of, so it is kept small.
struct DeviceEntry {
    DeviceEntry(DeviceIndex device_index, std::string device_id)
        : id(std::move(device_id)), index(device_index) {}

    // All times are microseconds since 1970, 0 for never.

    // Constant after construction.
    const std::string id;
    const DeviceIndex index;

    // It is forgotten, and the last of its events is in the log.
    std::atomic<bool> gone = false;

    // Written with every message, so without the lock.
    std::atomic<std::int64_t> last_seen = 0;
    std::atomic<std::int64_t> last_heartbeat = 0;

    // What of these is known to the store: of the thread that takes signs of life.
    std::int64_t kept_seen = 0;
    std::int64_t kept_heartbeat = 0;

    // Guarded by mutex.
    mutable std::mutex mutex;
    std::string type;  // changed by the holder alone, which so may read it without the lock
    std::unique_ptr<const Metadata> metadata;  // null: none was given
    const std::string* transport = nullptr;    // of the current or last link
    bool online = false;
    bool forgotten = false;  // nobody may become holder or waiter any more
    OfflineReason offline_reason = OfflineReason::None;
    std::int64_t connected_at = 0;
    std::int64_t disconnected_at = 0;
    std::int64_t last_changed = 0;
    Session* holder = nullptr;               // the active session
    Session* waiter = nullptr;               // the newest one, waiting for the holder to end
    std::unique_ptr<Forgetting> forgetting;  // until holder and waiter have ended
};

}  // namespace hub::registry
