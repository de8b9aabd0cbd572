#include "published_heads.h"

namespace hub::sqlite_store {

DeviceHeads PublishedHeads::of(DeviceIndex device) const {
    const std::lock_guard lock(mutex_);
    const std::size_t index = static_cast<std::size_t>(device);
    return index < heads_.size() ? heads_[index] : DeviceHeads{};
}

void PublishedHeads::publish(DeviceIndex device, const DeviceHeads& heads) {
    const std::size_t index = static_cast<std::size_t>(device);
    makeRoom(index + 1);
    const std::lock_guard lock(mutex_);
    heads_[index] = heads;
}

void PublishedHeads::makeRoom(std::size_t count) {
    const std::lock_guard lock(mutex_);
    if (count > heads_.size()) heads_.resize(count);
}

void PublishedHeads::publish(const std::vector<BatchRow>& states,
                             const std::vector<BatchRow>& connections,
                             const std::vector<BatchRow>& events,
                             const std::vector<BatchRow>& command_targets,
                             const std::vector<ForgottenDevice>& forgotten) noexcept {
    const std::lock_guard lock(mutex_);
    const auto headsOf = [this](const BatchRow& row) -> DeviceHeads& {
        return heads_[static_cast<std::size_t>(row.event->device)];
    };
    for (const BatchRow& row : states) headsOf(row).state = row.event->sequence;
    for (const BatchRow& row : connections) headsOf(row).connection = row.event->sequence;
    for (const BatchRow& row : events) headsOf(row).event = row.event->sequence;
    for (const BatchRow& row : command_targets) headsOf(row).command_target = row.event->sequence;
    for (const ForgottenDevice& gone : forgotten) {
        const std::size_t index = static_cast<std::size_t>(gone.device);
        if (index < heads_.size()) heads_[index] = {};
    }
}

}  // namespace hub::sqlite_store
