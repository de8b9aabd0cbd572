#pragma once

#include "batch_table.h"
#include "hub/device.h"
#include "hub/event.h"

#include <cstddef>
#include <mutex>
#include <vector>

namespace hub::sqlite_store {

// A device's newest row in every history table; 0: none.
struct DeviceHeads {
    Sequence state = 0;
    Sequence connection = 0;
    Sequence event = 0;
    Sequence command_target = 0;

    bool operator==(const DeviceHeads&) const = default;
};

// A device that was deleted, with the newest of the rows that are left of it.
struct ForgottenDevice {
    DeviceIndex device{};
    DeviceHeads heads;
};

// The newest committed rows of every device: where a read begins. The store publishes after its
// commit, a reader asks before its transaction begins, so what it was told is in what it sees. Any
// thread.
class PublishedHeads {
public:
    [[nodiscard]] DeviceHeads of(DeviceIndex device) const;

    void publish(DeviceIndex device, const DeviceHeads& heads);

    // Prepares for the devices below `count`.
    void makeRoom(std::size_t count);

    // Moves the heads of the devices in these rows on to them, but takes away those of `forgotten`,
    // all at once. There must be room for them all.
    void publish(const std::vector<BatchRow>& states, const std::vector<BatchRow>& connections,
                 const std::vector<BatchRow>& events, const std::vector<BatchRow>& command_targets,
                 const std::vector<ForgottenDevice>& forgotten) noexcept;

private:
    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::vector<DeviceHeads> heads_;  // by device number
};

}  // namespace hub::sqlite_store
