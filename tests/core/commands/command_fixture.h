#pragma once

#include "commands/device_directory.h"
#include "commands/dispatcher.h"
#include "fakes/fake_store.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "metrics/metric_registry.h"
#include "router/event_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace hub::commands {

using namespace std::chrono_literals;

// Devices that are there or not as a test says, and remember what they were sent. Any thread.
class FakeDirectory final : public DeviceDirectory {
public:
    DeviceIndex add(std::string id, bool online = true, std::string type = "esp32") {
        const std::lock_guard lock(mutex_);
        const DeviceIndex index{static_cast<std::uint32_t>(devices_.size())};
        devices_.push_back({.id = std::make_shared<const std::string>(std::move(id)),
                            .type = std::move(type),
                            .online = online});
        return index;
    }
    void setOnline(DeviceIndex device, bool online) {
        const std::lock_guard lock(mutex_);
        at(device).online = online;
    }
    void setDelivery(DeviceIndex device, Delivery delivery) {
        const std::lock_guard lock(mutex_);
        at(device).delivery = delivery;
    }
    void forget(DeviceIndex device) {
        const std::lock_guard lock(mutex_);
        at(device).known = false;
    }
    // Its last event is written.
    void end(DeviceIndex device) {
        const std::lock_guard lock(mutex_);
        at(device).gone = true;
    }
    // Called with what is delivered, before that returns.
    void onDeliver(std::function<void(DeviceIndex, const Command&)> call) {
        const std::lock_guard lock(mutex_);
        on_deliver_ = std::move(call);
    }

    // Called when `find` has found a device, before that returns.
    void onFind(std::function<void(DeviceIndex)> call) {
        const std::lock_guard lock(mutex_);
        on_find_ = std::move(call);
    }

    // `lamp forward`, since the last time.
    [[nodiscard]] std::vector<std::string> takeDelivered() {
        const std::lock_guard lock(mutex_);
        return std::exchange(delivered_, {});
    }

    [[nodiscard]] Result<std::vector<Recipient>> resolve(const CommandTargets& targets,
                                                         bool offline_too) const override {
        const std::lock_guard lock(mutex_);
        std::vector<Recipient> found;
        if (targets.by == CommandTargets::By::Ids) {
            for (const std::string& id : targets.ids) {
                const auto device = indexOf(id);
                if (!device) {
                    return Error{Error::Kind::NotFound, "no device \"" + id + "\" is known"};
                }
                found.push_back(recipientOf(*device));
            }
            return found;
        }
        for (std::size_t i = 0; i < devices_.size(); ++i) {
            const Known& device = devices_[i];
            const bool meant = targets.by == CommandTargets::By::All || device.type == targets.word;
            if (!device.known || !meant || !(device.online || offline_too)) continue;
            found.push_back(recipientOf(DeviceIndex{static_cast<std::uint32_t>(i)}));
        }
        return found;
    }
    [[nodiscard]] bool knows(DeviceIndex device) const override {
        const std::lock_guard lock(mutex_);
        return at(device).known;
    }
    [[nodiscard]] std::optional<Device> find(DeviceIndex device) const override {
        std::function<void(DeviceIndex)> call;
        Device copy;
        {
            const std::lock_guard lock(mutex_);
            if (!at(device).known) return std::nullopt;
            copy.index = device;
            copy.id = *at(device).id;
            copy.type = at(device).type;
            copy.online = at(device).online;
            call = on_find_;
        }
        if (call) call(device);
        return copy;
    }
    [[nodiscard]] std::shared_ptr<const std::string> idOf(DeviceIndex device) const override {
        const std::lock_guard lock(mutex_);
        return at(device).gone ? nullptr : at(device).id;
    }
    [[nodiscard]] Delivery deliver(DeviceIndex device, const Command& command) override {
        std::function<void(DeviceIndex, const Command&)> call;
        Delivery delivery = Delivery::Accepted;
        {
            const std::lock_guard lock(mutex_);
            const Known& known = at(device);
            if (!known.known || !known.online) return Delivery::Unreachable;
            delivery = known.delivery;
            if (delivery == Delivery::Accepted) {
                delivered_.push_back(*known.id + " " + command.name);
            }
            call = on_deliver_;
        }
        if (call) call(device, command);
        return delivery;
    }

private:
    struct Known {
        std::shared_ptr<const std::string> id;
        std::string type;
        bool online = true;
        Delivery delivery = Delivery::Accepted;
        bool known = true;
        bool gone = false;
    };

    [[nodiscard]] Known& at(DeviceIndex device) {
        return devices_.at(static_cast<std::size_t>(device));
    }
    [[nodiscard]] const Known& at(DeviceIndex device) const {
        return devices_.at(static_cast<std::size_t>(device));
    }
    [[nodiscard]] Recipient recipientOf(DeviceIndex device) const {
        return {.device = device, .online = at(device).online, .id = at(device).id};
    }
    [[nodiscard]] std::optional<DeviceIndex> indexOf(std::string_view id) const {
        for (std::size_t i = 0; i < devices_.size(); ++i) {
            if (devices_[i].known && *devices_[i].id == id) {
                return DeviceIndex{static_cast<std::uint32_t>(i)};
            }
        }
        return std::nullopt;
    }

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::vector<Known> devices_;
    std::vector<std::string> delivered_;
    std::function<void(DeviceIndex, const Command&)> on_deliver_;
    std::function<void(DeviceIndex)> on_find_;
};

// The history of a store, which can be held up, or fail.
class SlowHistory final : public History {
public:
    explicit SlowHistory(const History& history) : history_(history) {}

    // From now on `command` waits when it has read, until `release`.
    void hold() {
        const std::lock_guard lock(mutex_);
        held_ = true;
    }
    void release() {
        const std::lock_guard lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }
    void fail() {
        const std::lock_guard lock(mutex_);
        fails_ = true;
    }
    // Waits until `command` waits for `release`; false when it does not in ten seconds.
    [[nodiscard]] bool awaitHeld() const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [this] { return waiting_ > 0; });
    }

    [[nodiscard]] Result<std::optional<Sequence>> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override {
        return history_.states(query, visit);
    }
    [[nodiscard]] Result<std::optional<Sequence>> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override {
        return history_.connections(query, visit);
    }
    [[nodiscard]] Result<std::optional<CommandNumber>> commands(
        const CommandQuery& query, const VisitCommand& visit) const override {
        return history_.commands(query, visit);
    }
    [[nodiscard]] Result<bool> command(std::string_view id, DeviceIndex from,
                                       const VisitCommand& visit,
                                       const VisitTarget& visit_target) const override {
        const auto read = history_.command(id, from, visit, visit_target);
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        --waiting_;
        if (fails_) return Error{Error::Kind::Unavailable, "the disk does not answer"};
        return read;
    }
    [[nodiscard]] Result<std::optional<Sequence>> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override {
        return history_.events(after, visit);
    }

private:
    const History& history_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool held_ = false;
    bool fails_ = false;
    mutable int waiting_ = 0;
};

// Makes durable what the log holds, in the store of a test: the plainest store writer.
class Writer {
public:
    Writer(router::EventLog& log, Store& store)
        : log_(log), thread_([this, &store] { run(store); }) {}
    ~Writer() {
        log_.interrupt();
        thread_.join();
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

private:
    void run(Store& store) {
        std::vector<Event> events;
        while (log_.wait(events, 1000, 1h)) {
            if (events.empty()) continue;
            if (store.append(events)) {
                log_.advance(events.back().sequence);
            } else {
                log_.stall();
                std::this_thread::yield();
            }
        }
    }

    router::EventLog& log_;
    std::thread thread_;
};

// A hub reduced to its commands. A second one on the same store is that hub after a restart.
class CommandHub {
public:
    CommandHub(fakes::FakeStore& store, FakeDirectory& devices, const Clock& clock,
               std::chrono::milliseconds patience = 30s)
        : devices_(devices),
          log(1 << 20, clock, metrics),
          history(store),
          commands({log, devices, history, clock, logger, metrics, patience}) {
        const Recovery recovery = store.recover();
        log.retain(recovery.last_sequence, recovery.last_time);
        writer_.emplace(log, store);
        commands.start(recovery);
    }
    ~CommandHub() { commands.stop(); }
    CommandHub(const CommandHub&) = delete;
    CommandHub& operator=(const CommandHub&) = delete;

    // Everything that came to the commands before is dealt with.
    void settle() { EXPECT_FALSE(commands.cancel("nobody's").ok()); }
    // And is on disk.
    void drain() {
        settle();
        EXPECT_TRUE(log.drain(std::chrono::steady_clock::now() + 60s));
    }

    void acknowledge(DeviceIndex device, std::string_view id, bool succeeded = true,
                     std::string_view response = {}, std::string_view reason = {}) {
        DeviceMessage message;
        message.type = MessageType::CommandAck;
        message.command_id = id;
        message.command_succeeded = succeeded;
        message.command_response = response;
        message.command_reason = reason;
        commands.acknowledged(device, message);
    }
    void comesOnline(DeviceIndex device) {
        devices_.setOnline(device, true);
        commands.cameOnline(device);
    }

private:
    FakeDirectory& devices_;

public:
    fakes::RecordingLogger logger;
    metrics::MetricRegistry metrics;
    router::EventLog log;
    SlowHistory history;
    Dispatcher commands;

private:
    std::optional<Writer> writer_;  // after the log, before which it ends
};

}  // namespace hub::commands
