#include "registry/device_table.h"

#include "hub/store.h"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace hub::registry {

namespace {

DeviceIndex behindIndex(DeviceIndex index) {
    return DeviceIndex{static_cast<std::uint32_t>(index) + 1};
}

}  // namespace

void DeviceTable::replace(std::vector<Entry> entries, DeviceIndex next_index) {
    std::ranges::sort(entries, {}, &DeviceEntry::index);
    const std::lock_guard lock(mutex_);
    next_index_ = next_index;
    if (!entries.empty()) {
        next_index_ = std::max(next_index_, behindIndex(entries.back()->index));
    }
    by_id_.clear();
    by_id_.insert(entries.begin(), entries.end());
    entries_ = std::move(entries);
}

DeviceTable::Entry DeviceTable::find(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : *found;
}

DeviceTable::Entry DeviceTable::find(DeviceIndex index) const {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::lower_bound(entries_, index, {}, &DeviceEntry::index);
    return found == entries_.end() || (*found)->index != index ? nullptr : *found;
}

DeviceTable::Entry DeviceTable::findLeaving(DeviceIndex index) const {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::find_if(
        leaving_, [index](const Entry& entry) { return entry->index == index && !entry->gone; });
    return found == leaving_.end() ? nullptr : *found;
}

std::size_t DeviceTable::next(std::optional<DeviceIndex> after, std::span<Entry> found) const {
    const std::shared_lock lock(mutex_);
    std::size_t count = 0;
    for (auto entry = behind(after); entry != entries_.end() && count < found.size(); ++entry) {
        found[count++] = *entry;
    }
    return count;
}

std::size_t DeviceTable::count() const noexcept {
    const std::shared_lock lock(mutex_);
    return by_id_.size();
}

Result<DeviceTable::Entry> DeviceTable::insert(std::string_view id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(id); found != by_id_.end()) return *found;
    if (by_id_.size() >= capacity_) {
        return Error{Error::Kind::Unavailable, "the hub already holds as many devices as it may (" +
                                                   std::to_string(capacity_) + ")"};
    }
    if (static_cast<std::size_t>(next_index_) >= kMaxDevices) {
        return Error{Error::Kind::Unavailable,
                     "the hub has given all of its " + std::to_string(kMaxDevices) +
                         " device numbers, forgotten devices included: new devices need a hub with "
                         "a new database"};
    }
    if (const auto old = leaving_.find(id); old != leaving_.end()) {
        if (!(*old)->gone) {
            return Error{Error::Kind::Refused,
                         "this device is just being forgotten: connect again to begin anew"};
        }
        leaving_.erase(old);
    }
    const Entry entry =
        std::make_shared<DeviceEntry>(next_index_, std::string(id), mutexes_.of(next_index_));
    next_index_ = behindIndex(next_index_);
    entries_.push_back(entry);
    by_id_.insert(entry);
    return entry;
}

DeviceTable::Entry DeviceTable::remove(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    Entry entry = *found;
    by_id_.erase(found);
    entries_.erase(behind(entry->index) - 1);
    eraseThoseGone();
    leaving_.insert(entry);
    return entry;
}

void DeviceTable::dropThoseGone() {
    const std::lock_guard lock(mutex_);
    eraseThoseGone();
}

// Under the lock.
void DeviceTable::eraseThoseGone() {
    std::erase_if(leaving_, [](const Entry& entry) { return entry->gone.load(); });
}

// The first entry behind `index`, or the first of all. Under the lock.
std::vector<DeviceTable::Entry>::const_iterator DeviceTable::behind(
    std::optional<DeviceIndex> index) const {
    if (!index) return entries_.begin();
    return std::ranges::upper_bound(entries_, *index, {}, &DeviceEntry::index);
}

}  // namespace hub::registry
