#pragma once

#include "hub/result.h"
#include "registry/device_entry.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace hub::registry {

// Which devices there are, by their ids and by their numbers. A number is given once and never
// again; the id of a device that is forgotten is free when the last of its events is written. Any
// thread.
class DeviceTable {
public:
    using Entry = std::shared_ptr<DeviceEntry>;

    // `capacity`: how many devices it holds at most.
    explicit DeviceTable(std::size_t capacity) : capacity_(capacity) {}
    DeviceTable(const DeviceTable&) = delete;
    DeviceTable& operator=(const DeviceTable&) = delete;

    // The mutex for the state of the entry with this number. Lives as long as the table.
    [[nodiscard]] std::mutex& mutexOf(DeviceIndex index) noexcept { return mutexes_.of(index); }

    // Holds exactly `entries` from now on, and numbers new ones from `next_index` on, or behind the
    // last of them.
    void replace(std::vector<Entry> entries, DeviceIndex next_index);

    // Null when there is none.
    [[nodiscard]] Entry find(std::string_view id) const;
    [[nodiscard]] Entry find(DeviceIndex index) const;
    // One that was removed and is not gone; null when there is none. Looks at all of these.
    [[nodiscard]] Entry findLeaving(DeviceIndex index) const;

    // Puts the next entries behind `after`, by their numbers, into `found`. Returns how many.
    [[nodiscard]] std::size_t next(std::optional<DeviceIndex> after, std::span<Entry> found) const;

    [[nodiscard]] std::size_t count() const noexcept;

    // The entry of that id, made when there is none. Unavailable when the table is full; Refused
    // while the device of that id is being forgotten.
    [[nodiscard]] Result<Entry> insert(std::string_view id);

    // Takes the entry out; its id is taken until it is `gone`. Null when there is none.
    [[nodiscard]] Entry remove(std::string_view id);

    // Frees those removed that are gone.
    void dropThoseGone();

private:
    struct IdHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view id) const noexcept {
            return std::hash<std::string_view>{}(id);
        }
        std::size_t operator()(const Entry& entry) const noexcept { return (*this)(entry->id); }
    };
    struct SameId {
        using is_transparent = void;
        bool operator()(const Entry& a, const Entry& b) const noexcept { return a->id == b->id; }
        bool operator()(std::string_view id, const Entry& entry) const noexcept {
            return id == entry->id;
        }
    };
    using EntriesById = std::unordered_set<Entry, IdHash, SameId>;

    [[nodiscard]] std::vector<Entry>::const_iterator behind(std::optional<DeviceIndex> index) const;
    void eraseThoseGone();

    // Constant after construction.
    const std::size_t capacity_;

    EntryMutexes mutexes_;

    // Guarded by mutex_.
    mutable std::shared_mutex mutex_;
    std::vector<Entry> entries_;  // ascending by index
    EntriesById by_id_;
    EntriesById leaving_;  // removed, with events still to come
    DeviceIndex next_index_{};
};

}  // namespace hub::registry
