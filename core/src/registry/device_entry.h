#pragma once

#include "hub/device.h"
#include "hub/time.h"
#include "registry/forgetting.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::registry {

class Session;

// How a device is shown that has not told its type, and one that has given no metadata.
inline constexpr std::string_view kUnknownType = "unknown";
inline constexpr std::string_view kNoMetadata = "{}";

// What a device has said of itself; most say nothing.
struct Metadata {
    std::string json;
    std::vector<std::string> tags;
};

// One device as the registry keeps it. Shared by the registry, until the device is forgotten, and
// by the device's sessions. There is one for each device ever heard of, so it is kept small: a
// mutex is shared by many, and flags stand where they fill a gap.
struct DeviceEntry {
    // `device_mutex` must outlive every use of the entry's state.
    DeviceEntry(DeviceIndex device_index, std::string device_id, std::mutex& device_mutex)
        : id(std::move(device_id)), mutex(device_mutex), index(device_index) {}

    // When it went online or offline last.
    [[nodiscard]] std::int64_t lastChanged() const noexcept {
        return online ? connected_at : disconnected_at;
    }

    // All times are microseconds since 1970, 0 for never.

    // Constant after construction.
    const std::string id;
    std::mutex& mutex;  // one of EntryMutexes: no thread may hold two of them
    const DeviceIndex index;

    // Guarded by mutex.
    OfflineReason offline_reason = OfflineReason::None;
    bool online : 1 = false;
    bool forgotten : 1 = false;  // nobody may become holder or waiter any more

    // It is forgotten, and the last of its events is in the log.
    std::atomic<bool> gone = false;

    // Written with every message, so without the lock: a time, then that it is new.
    std::atomic<bool> heard = false;
    std::atomic<std::int64_t> last_seen = 0;
    std::atomic<std::int64_t> last_heartbeat = 0;

    // Guarded by mutex.
    std::string type;  // changed by the holder alone, which so may read it without the lock
    std::unique_ptr<const Metadata> metadata;  // null: none was given
    const std::string* transport = nullptr;    // of the current or last link
    std::int64_t connected_at = 0;
    std::int64_t disconnected_at = 0;
    Session* holder = nullptr;               // the active session
    Session* waiter = nullptr;               // the newest one, waiting for the holder to end
    std::unique_ptr<Forgetting> forgetting;  // until holder and waiter have ended
};

// With the counts of its shared_ptr it fills a block of the allocator.
static_assert(sizeof(DeviceEntry) <= 152);

// What others see of the device, as of one moment. Takes the entry's mutex.
void snapshot(const DeviceEntry& entry, Device& device);

// A time as the entry has it; nothing for never.
[[nodiscard]] std::optional<Timestamp> toTimestamp(std::int64_t microseconds) noexcept;

// The mutexes of all entries. They are locked when a link comes or goes or a device is looked at,
// never for a message: so few are enough, and two threads seldom meet.
class EntryMutexes {
public:
    [[nodiscard]] std::mutex& of(DeviceIndex index) noexcept {
        return mutexes_[static_cast<std::size_t>(index) % mutexes_.size()];
    }

private:
    std::array<std::mutex, 64> mutexes_;
};

}  // namespace hub::registry
