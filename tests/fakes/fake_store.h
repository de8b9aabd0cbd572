#pragma once

#include "fakes/history_filter.h"
#include "hub/history.h"
#include "hub/store.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hub::fakes {

// An event that owns its texts.
struct StoredEvent {
    explicit StoredEvent(const Event& event)
        : sequence(event.sequence),
          time(event.time),
          device(event.device),
          kind(event.kind),
          reason(event.reason),
          device_id(event.device_id),
          name(event.name),
          payload(event.payload),
          device_type(event.device_type),
          metadata(event.metadata),
          transport(event.transport),
          device_time(event.device_time) {}

    Sequence sequence;
    Timestamp time;
    DeviceIndex device;
    EventKind kind;
    OfflineReason reason;
    std::string device_id;
    std::string name;
    std::string payload;
    std::string device_type;
    std::string metadata;
    std::string transport;
    std::optional<Timestamp> device_time;
};

// A store that keeps events in memory and lets a test say when that fails or takes long. It obeys
// the store contract in the plainest way, so it also serves as the model others are compared with.
// Any thread.
class FakeStore final : public Store, public History {
public:
    // From now on `append` fails with this error.
    void refuse(Error error) {
        const std::lock_guard lock(mutex_);
        refusal_ = std::move(error);
    }
    // From now on it works again.
    void accept() {
        const std::lock_guard lock(mutex_);
        refusal_.reset();
    }

    // From now on `append` waits, before it does anything, until `release`.
    void hold() {
        const std::lock_guard lock(mutex_);
        held_ = true;
    }
    void release() {
        const std::lock_guard lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }

    // Waits until an `append` waits for `release`; false when none did in ten seconds.
    [[nodiscard]] bool awaitHeldAppend() {
        return await([this] { return waiting_ > 0; });
    }
    // Waits until `count` appends were answered, with success or not; false after ten seconds.
    [[nodiscard]] bool awaitAppends(std::size_t count) {
        return await([this, count] { return batches_.size() >= count; });
    }

    [[nodiscard]] std::vector<StoredEvent> events() const {
        const std::lock_guard lock(mutex_);
        return events_;
    }
    // How many events each answered `append` was given, refused ones included.
    [[nodiscard]] std::vector<std::size_t> batches() const {
        const std::lock_guard lock(mutex_);
        return batches_;
    }

    // What `noteLife` was given, in order, refused calls left out.
    [[nodiscard]] std::vector<SignOfLife> signsOfLife() const {
        const std::lock_guard lock(mutex_);
        return noted_;
    }

    [[nodiscard]] Recovery recover() override {
        const std::lock_guard lock(mutex_);
        Recovery recovery;
        std::map<DeviceIndex, Device> devices;
        std::uint32_t next_device = 0;
        for (const StoredEvent& event : events_) {
            recovery.last_sequence = event.sequence;
            recovery.last_time = event.time;
            next_device = std::max(next_device, static_cast<std::uint32_t>(event.device) + 1);
            if (event.kind == EventKind::Forgotten) {
                devices.erase(event.device);
            } else {
                apply(event, devices[event.device]);
            }
        }
        recovery.next_device = static_cast<DeviceIndex>(next_device);
        for (auto& [index, device] : devices) {
            if (const auto sign = signs_.find(index); sign != signs_.end()) {
                device.last_seen = std::max(device.last_seen, sign->second.seen);
                device.last_heartbeat = std::max(device.last_heartbeat, sign->second.heartbeat);
                device.last_seen = std::max(device.last_seen, device.last_heartbeat);
            }
            recovery.devices.push_back(std::move(device));
        }
        return recovery;
    }

    [[nodiscard]] Result<void> append(std::span<const Event> batch) override {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        --waiting_;
        batches_.push_back(batch.size());
        changed_.notify_all();
        if (refusal_) {
            return *refusal_;
        }
        for (const Event& event : batch) {
            if (events_.empty() || event.sequence > events_.back().sequence) {
                events_.emplace_back(event);
            }
        }
        return {};
    }

    [[nodiscard]] Result<void> noteLife(std::span<const SignOfLife> signs) override {
        const std::lock_guard lock(mutex_);
        if (refusal_) {
            return *refusal_;
        }
        for (const SignOfLife& sign : signs) {
            const auto known = [&sign](const StoredEvent& event) {
                return event.device == sign.device;
            };
            if (std::ranges::any_of(events_, known)) {
                Life& life = signs_[sign.device];
                life.seen = std::max(life.seen, std::optional(sign.seen));
                life.heartbeat = std::max(life.heartbeat, sign.heartbeat);
            }
        }
        noted_.insert(noted_.end(), signs.begin(), signs.end());
        changed_.notify_all();
        return {};
    }

    [[nodiscard]] Result<void> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override {
        const auto rows = newest(query, [](EventKind kind) { return kind == EventKind::Status; });
        for (const StoredEvent& row : rows) {
            if (!visit({row.sequence, row.time, row.device_time, row.payload})) {
                break;
            }
        }
        return {};
    }

    [[nodiscard]] Result<void> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override {
        const auto rows = newest(query, [](EventKind kind) {
            return kind == EventKind::Connected || kind == EventKind::Disconnected;
        });
        for (const StoredEvent& row : rows) {
            const std::string_view word = row.kind == EventKind::Connected       ? "connected"
                                          : row.reason == OfflineReason::Timeout ? "timeout"
                                                                                 : "disconnected";
            if (!visit({row.sequence, row.time, word, row.payload})) {
                break;
            }
        }
        return {};
    }

private:
    struct Life {
        std::optional<Timestamp> seen;
        std::optional<Timestamp> heartbeat;
    };

    static void apply(const StoredEvent& event, Device& device) {
        if (device.id.empty()) {
            device.index = event.device;
            device.id = event.device_id;
            device.type = "unknown";
            device.metadata = "{}";
        }
        switch (event.kind) {
            case EventKind::Connected:
                device.online = true;
                device.offline_reason = OfflineReason::None;
                device.transport = event.transport;
                device.connected_at = event.time;
                device.disconnected_at.reset();
                device.last_changed = event.time;
                break;
            case EventKind::Disconnected:
                device.online = false;
                device.offline_reason = event.reason;
                device.disconnected_at = event.time;
                device.last_changed = event.time;
                return;  // being lost is no sign of life
            case EventKind::Registration:
                device.type = event.device_type;
                device.metadata = event.metadata.empty() ? device.metadata : event.metadata;
                device.last_heartbeat = event.time;
                break;
            case EventKind::Message:
                if (event.name == "heartbeat") {
                    device.last_heartbeat = event.time;
                }
                break;
            case EventKind::Status:
            case EventKind::Forgotten:
                break;
        }
        device.last_seen = event.time;
    }

    // Whether nothing of a device is shown any more.
    [[nodiscard]] bool forgotten(DeviceIndex device) const {
        return std::ranges::any_of(events_, [device](const StoredEvent& event) {
            return event.device == device && event.kind == EventKind::Forgotten;
        });
    }

    // The newest events that are `wanted` and asked for; copied, so that no lock is held while they
    // are visited.
    template <class Wanted>
    std::vector<StoredEvent> newest(const HistoryQuery& query, Wanted wanted) const {
        const std::lock_guard lock(mutex_);
        const std::size_t limit = std::min(query.limit, HistoryQuery::kMaxLimit);
        std::vector<StoredEvent> found;
        if (forgotten(query.device)) {
            return found;
        }
        for (auto event = events_.rbegin(); event != events_.rend() && found.size() < limit;
             ++event) {
            if (wanted(event->kind) &&
                asksFor(query, event->device, event->sequence, event->time)) {
                found.push_back(*event);
            }
        }
        return found;
    }

    template <class Condition>
    bool await(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), condition);
    }

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Error> refusal_;
    bool held_ = false;
    std::size_t waiting_ = 0;
    std::vector<std::size_t> batches_;
    std::vector<StoredEvent> events_;
    std::map<DeviceIndex, Life> signs_;
    std::vector<SignOfLife> noted_;
};

}  // namespace hub::fakes
