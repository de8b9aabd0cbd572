#include "published_heads.h"

namespace hub::sqlite_store {

DeviceHeads PublishedHeads::of(DeviceIndex device) const {
    const std::lock_guard lock(mutex_);
    const std::size_t index = static_cast<std::size_t>(device);
    return index < heads_.size() ? heads_[index] : DeviceHeads{};
}

void PublishedHeads::publish(DeviceIndex device, const DeviceHeads& heads) {
    const std::lock_guard lock(mutex_);
    headsOf(device) = heads;
}

void PublishedHeads::publish(const std::vector<BatchRow>& states,
                             const std::vector<BatchRow>& connections,
                             const std::vector<BatchRow>& events) {
    const std::lock_guard lock(mutex_);
    for (const BatchRow& row : states) {
        headsOf(row.event->device).state = row.event->sequence;
    }
    for (const BatchRow& row : connections) {
        headsOf(row.event->device).connection = row.event->sequence;
    }
    for (const BatchRow& row : events) {
        headsOf(row.event->device).event = row.event->sequence;
    }
}

DeviceHeads& PublishedHeads::headsOf(DeviceIndex device) {
    const std::size_t index = static_cast<std::size_t>(device);
    if (index >= heads_.size()) {
        heads_.resize(index + 1);
    }
    return heads_[index];
}

}  // namespace hub::sqlite_store
