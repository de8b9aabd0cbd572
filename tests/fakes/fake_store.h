#pragma once

#include "fakes/history_filter.h"
#include "hub/history.h"
#include "hub/store.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
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
          device_time(event.device_time) {
        if (event.command != nullptr) {
            record = std::make_shared<const CommandRecord>(*event.command->record);
            progress = event.command->progress;
            target = event.command->target;
            late = event.command->late;
        }
    }

    // As History::events tells it. Borrows from this.
    [[nodiscard]] Event view() const {
        Event event;
        event.sequence = sequence;
        event.time = time;
        event.device = device;
        event.kind = kind;
        event.device_id = device_id;
        event.name = name;
        event.payload = payload;
        return event;
    }

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
    // Of the event's CommandChange; `record` is null when it has none.
    std::shared_ptr<const CommandRecord> record;
    CommandProgress progress;
    TargetStatus target = TargetStatus::Pending;
    bool late = false;
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
    // Only the `append` that waits goes on, or the next; those behind it wait. False when there was
    // no other one in ten seconds.
    [[nodiscard]] bool releaseOne() {
        std::unique_lock lock(mutex_);
        const std::size_t answered = batches_.size();
        released_ = 1;
        changed_.notify_all();
        return changed_.wait_for(lock, std::chrono::seconds(10), [this, answered] {
            return batches_.size() > answered && waiting_ > 0;
        });
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
        return {events_.begin(), events_.end()};
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
            if (event.record) {
                recovery.last_command = std::max(recovery.last_command, event.record->number);
                continue;
            }
            next_device = std::max(next_device, static_cast<std::uint32_t>(event.device) + 1);
            if (event.kind == EventKind::Forgotten) {
                devices.erase(event.device);
            } else {
                apply(event, devices[event.device]);
            }
        }
        recovery.next_device = static_cast<DeviceIndex>(next_device);
        recovery.commands = openCommands();
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
        changed_.wait(lock, [this] { return !held_ || released_ > 0; });
        --waiting_;
        released_ = 0;
        batches_.push_back(batch.size());
        changed_.notify_all();
        if (refusal_) {
            return *refusal_;
        }
        for (const Event& event : batch) {
            if (events_.empty() || event.sequence > events_.back().sequence) {
                take(events_.emplace_back(event));
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
                return event.device == sign.device && !event.record;
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

    [[nodiscard]] Result<std::optional<Sequence>> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override {
        const auto rows = newest(query, [](EventKind kind) { return kind == EventKind::Status; });
        for (const StoredEvent* row : rows) {
            if (!visit({row->sequence, row->time, row->device_time, row->payload})) break;
        }
        return std::optional<Sequence>();
    }

    [[nodiscard]] Result<std::optional<Sequence>> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override {
        const auto rows = newest(query, [](EventKind kind) {
            return kind == EventKind::Connected || kind == EventKind::Disconnected;
        });
        for (const StoredEvent* row : rows) {
            const std::string_view word = row->kind == EventKind::Connected       ? "connected"
                                          : row->reason == OfflineReason::Timeout ? "timeout"
                                                                                  : "disconnected";
            if (!visit({row->sequence, row->time, word, row->payload})) break;
        }
        return std::optional<Sequence>();
    }

    [[nodiscard]] Result<std::optional<CommandNumber>> commands(
        const CommandQuery& query, const VisitCommand& visit) const override {
        const std::size_t limit = std::min(query.limit, HistoryQuery::kMaxLimit);
        const auto found = commandsThat(limit, [&](const StoredCommand& command) {
            return asksFor(query, *command.record, command.progress) &&
                   (!query.device ||
                    std::ranges::any_of(command.changes, [&](const StoredEvent* change) {
                        return change->device == *query.device &&
                               !forgotten_.contains(change->device);
                    }));
        });
        for (const StoredCommand& command : found) {
            if (!visit(*command.record, command.progress)) break;
        }
        return std::optional<CommandNumber>();
    }

    [[nodiscard]] Result<bool> command(std::string_view id, DeviceIndex from,
                                       const VisitCommand& visit,
                                       const VisitTarget& visit_target) const override {
        auto found = commandsThat(
            1, [id](const StoredCommand& command) { return command.record->command.id == id; });
        if (found.empty()) return false;
        StoredCommand& command = found.front();
        if (!visit(*command.record, command.progress)) return true;
        std::ranges::stable_sort(command.changes, {}, &StoredEvent::device);
        const auto gone = forgotten();
        for (const StoredEvent* row : command.changes) {
            if (row->device < from || gone.contains(row->device)) continue;
            if (!visit_target({row->sequence, row->time, row->device, row->device_id, row->target,
                               row->late, row->payload})) {
                break;
            }
        }
        return true;
    }

    [[nodiscard]] Result<std::optional<Sequence>> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override {
        for (const StoredEvent* row : eventsOfKnownDevices(after)) {
            if (!visit(row->view())) break;
        }
        return std::optional<Sequence>();
    }

private:
    struct Life {
        std::optional<Timestamp> seen;
        std::optional<Timestamp> heartbeat;
    };
    struct StoredCommand {
        std::shared_ptr<const CommandRecord> record;
        CommandProgress progress;  // as it became
        std::vector<const StoredEvent*> changes;
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
            case EventKind::CommandRecorded:
            case EventKind::CommandTarget:
                break;
        }
        device.last_seen = event.time;
    }

    // Called with mutex_ held.
    void take(const StoredEvent& event) {
        if (event.kind == EventKind::Forgotten) forgotten_.insert(event.device);
        if (!event.record) return;
        StoredCommand& command = commands_[event.record->number];
        command.record = event.record;
        if (!event.late) command.progress = event.progress;
        if (event.kind == EventKind::CommandTarget) command.changes.push_back(&event);
    }

    // Of whom nothing is shown any more.
    std::set<DeviceIndex> forgotten() const {
        const std::lock_guard lock(mutex_);
        return forgotten_;
    }

    // The newest events that are `wanted` and asked for. No lock is held while they are visited:
    // they stay as they are.
    template <class Wanted>
    std::vector<const StoredEvent*> newest(const HistoryQuery& query, Wanted wanted) const {
        const std::lock_guard lock(mutex_);
        const std::size_t limit = std::min(query.limit, HistoryQuery::kMaxLimit);
        std::vector<const StoredEvent*> found;
        if (forgotten_.contains(query.device)) {
            return found;
        }
        for (auto event = events_.rbegin(); event != events_.rend() && found.size() < limit;
             ++event) {
            if (wanted(event->kind) &&
                asksFor(query, event->device, event->sequence, event->time)) {
                found.push_back(&*event);
            }
        }
        return found;
    }

    // The newest commands that `fit`, which is asked with mutex_ held.
    template <class Fits>
    std::vector<StoredCommand> commandsThat(std::size_t limit, Fits fits) const {
        const std::lock_guard lock(mutex_);
        std::vector<StoredCommand> found;
        for (auto command = commands_.rbegin(); command != commands_.rend() && found.size() < limit;
             ++command) {
            if (fits(command->second)) found.push_back(command->second);
        }
        return found;
    }

    std::vector<const StoredEvent*> eventsOfKnownDevices(Sequence after) const {
        const std::lock_guard lock(mutex_);
        std::vector<const StoredEvent*> found;
        const auto first = std::ranges::upper_bound(events_, after, {}, &StoredEvent::sequence);
        for (auto event = first; event != events_.end(); ++event) {
            if (event->kind != EventKind::CommandRecorded &&
                (event->kind == EventKind::Forgotten || !forgotten_.contains(event->device))) {
                found.push_back(&*event);
            }
        }
        return found;
    }

    // Called with mutex_ held.
    std::vector<OpenCommand> openCommands() const {
        std::vector<OpenCommand> open;
        for (const auto& [number, stored] : commands_) {
            OpenCommand command;
            command.record = *stored.record;
            command.progress = stored.progress;
            std::vector<const StoredEvent*> changes = stored.changes;
            std::erase_if(changes, [this](const StoredEvent* change) {
                return change->late || forgotten_.contains(change->device);
            });
            count(changes, command);
            if (!command.targets.empty()) open.push_back(std::move(command));
        }
        return open;
    }

    // Fills in the counts and the open targets. Devices without changes were forgotten.
    static void count(const std::vector<const StoredEvent*>& changes, OpenCommand& command) {
        std::map<DeviceIndex, OpenCommand::Target> targets;
        std::set<DeviceIndex> sent;
        for (const StoredEvent* change : changes) {
            targets[change->device] = {change->device, change->target, change->time};
            if (change->target == TargetStatus::Sent) sent.insert(change->device);
        }
        auto& counts = command.counts.by_status;
        for (const auto& [device, target] : targets) {
            ++counts[static_cast<std::size_t>(target.status)];
            if (isOpen(target.status)) command.targets.push_back(target);
        }
        auto& succeeded = counts[static_cast<std::size_t>(TargetStatus::AckSuccess)];
        auto& cancelled = counts[static_cast<std::size_t>(TargetStatus::Cancelled)];
        succeeded = std::max(succeeded, command.progress.success_count);
        cancelled += command.progress.target_count -
                     std::min(command.progress.target_count, command.counts.total());
        command.counts.ever_sent = static_cast<std::uint32_t>(sent.size());
        if (command.progress.executed && sent.empty()) command.counts.ever_sent = 1;
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
    std::size_t released_ = 0;  // appends that go on all the same
    std::size_t waiting_ = 0;
    std::vector<std::size_t> batches_;
    std::deque<StoredEvent> events_;  // where they are they stay
    std::map<CommandNumber, StoredCommand> commands_;
    std::set<DeviceIndex> forgotten_;
    std::map<DeviceIndex, Life> signs_;
    std::vector<SignOfLife> noted_;
};

}  // namespace hub::fakes
