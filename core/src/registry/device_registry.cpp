#include "registry/device_registry.h"

#include "registry/restart.h"
#include "router/sink.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <future>
#include <mutex>
#include <string>
#include <utility>

namespace hub::registry {

namespace {

// How many entries are looked at under one lock.
constexpr std::size_t kStep = 256;

// Nothing when it was not heard of since this was last asked.
std::optional<SignOfLife> newSignOf(DeviceEntry& entry) {
    if (!entry.heard.load(std::memory_order_relaxed)) return std::nullopt;
    entry.heard.exchange(false, std::memory_order_acquire);
    const std::int64_t seen = entry.last_seen.load(std::memory_order_relaxed);
    const std::int64_t heartbeat = entry.last_heartbeat.load(std::memory_order_relaxed);
    return SignOfLife{entry.index, Timestamp(std::chrono::microseconds(seen)),
                      toTimestamp(heartbeat)};
}

bool isOnline(const DeviceEntry& entry) {
    const std::lock_guard lock(entry.mutex);
    return entry.online;
}

struct Standing {
    bool meant = false;
    bool online = false;
};

// Whether a device is one of those that are not named by their ids.
Standing standing(const DeviceEntry& entry, const CommandTargets& targets) {
    const std::lock_guard lock(entry.mutex);
    switch (targets.by) {
        case CommandTargets::By::Ids:
            break;
        case CommandTargets::By::Type:
            return {(entry.type.empty() ? kUnknownType : entry.type) == targets.word, entry.online};
        case CommandTargets::By::Tag:
            return {entry.metadata && std::ranges::count(entry.metadata->tags, targets.word) > 0,
                    entry.online};
        case CommandTargets::By::All:
            return {true, entry.online};
    }
    return {};
}

Error notFound(std::string_view id) {
    return {Error::Kind::NotFound, "no device \"" + std::string(id) + "\" is known"};
}

}  // namespace

DeviceRegistry::DeviceRegistry(router::EventLog& log, const Clock& clock, Logger& logger,
                               Metrics& metrics, RegistrySettings settings)
    : log_(log),
      settings_(std::move(settings)),
      session_surroundings_{clock, logger, settings_.timeouts, transport_names_, settings_.news},
      table_(settings_.capacity),
      before_metrics_read_(publishCounts(metrics)) {}

DeviceRegistry::~DeviceRegistry() = default;

void DeviceRegistry::restore(const Recovery& recovery) {
    std::vector<Entry> entries = restored(recovery.devices, log_.now(), table_, transport_names_);
    std::vector<Entry> left_online;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (recovery.devices[i].online) left_online.push_back(entries[i]);
    }
    table_.replace(std::move(entries), recovery.next_device);
    if (!left_online.empty()) {
        session_surroundings_.logger.warning(
            "the last run did not stop in order: " + std::to_string(left_online.size()) +
            (left_online.size() == 1 ? " device was" : " devices were") + " left online");
    }
    tellRestart(left_online, log_);
}

std::vector<SignOfLife> DeviceRegistry::takeSignsOfLife() {
    std::vector<SignOfLife> signs;
    visitEntries({}, [&signs](const Entry& entry) {
        if (const auto sign = newSignOf(*entry)) signs.push_back(*sign);
        return true;
    });
    return signs;
}

Result<std::unique_ptr<DeviceSession>> DeviceRegistry::open(std::string_view id,
                                                            const LinkDescription& link,
                                                            const DeviceMessage& first, AckTag tag,
                                                            EventSink& sink,
                                                            std::string_view fallback_type) {
    // Every sink of the hub is one of the router's.
    auto& router_sink = dynamic_cast<router::Sink&>(sink);
    while (true) {
        Entry entry = table_.find(id);
        const auto typed = [&] {
            const std::lock_guard lock(entry->mutex);
            return !entry->type.empty();
        };
        DeviceMessage message = first;
        if (message.device_type.empty() && !(entry && typed())) {
            if (fallback_type.empty()) {
                return Error{Error::Kind::Invalid,
                             "the type of this device is not known: send a registration first, or "
                             "put \"device_type\" into the message"};
            }
            message.device_type = fallback_type;
        }
        if (!entry) {
            Result<Entry> inserted = table_.insert(id);
            if (!inserted) {
                const bool leaving = inserted.error().kind == Error::Kind::Refused;
                if (leaving) link.transport.disconnect(link.link, OfflineReason::Kicked);
                return std::move(inserted).error();
            }
            entry = std::move(*inserted);
        }
        auto session =
            std::make_unique<Session>(std::move(entry), link, router_sink, session_surroundings_);
        // Forgotten since it was looked up: another device begins.
        if (!session->claim()) continue;
        (void)session->publish(message, tag);
        return std::unique_ptr<DeviceSession>(std::move(session));
    }
}

std::unique_ptr<EventSink> DeviceRegistry::openSink(std::function<void()> wake) {
    return std::make_unique<router::Sink>(log_, std::move(wake));
}

std::optional<Device> DeviceRegistry::find(std::string_view id) const {
    const Entry entry = table_.find(id);
    if (!entry) return std::nullopt;
    Device device;
    snapshot(*entry, device);
    return device;
}

void DeviceRegistry::visit(std::optional<DeviceIndex> after,
                           const std::function<bool(const Device&)>& visit) const {
    Device device;  // one for all, so that its strings are allocated once
    visitEntries(after, [&](const Entry& entry) {
        snapshot(*entry, device);
        return visit(device);
    });
}

// Calls `visit` for the entries behind `after`, until it returns false. No lock is held meanwhile.
void DeviceRegistry::visitEntries(std::optional<DeviceIndex> after,
                                  const std::function<bool(const Entry&)>& visit) const {
    std::array<Entry, kStep> entries;
    while (const std::size_t found = table_.next(after, entries)) {
        after = entries[found - 1]->index;
        for (std::size_t i = 0; i < found; ++i) {
            if (!visit(entries[i])) return;
        }
    }
}

Result<void> DeviceRegistry::visitTargets(const CommandTargets& targets, bool offline_too,
                                          const VisitTarget& visit) const {
    const auto tell = [&visit](const Entry& entry, bool online) {
        visit(entry->index, {entry, &entry->id}, online);
    };
    if (targets.by == CommandTargets::By::Ids) {
        std::unordered_set<std::string_view> told;
        for (const std::string& id : targets.ids) {
            if (!told.insert(id).second) continue;
            const Entry entry = table_.find(id);
            if (!entry) return notFound(id);
            tell(entry, isOnline(*entry));
        }
        return {};
    }
    visitEntries({}, [&](const Entry& entry) {
        const auto [meant, online] = standing(*entry, targets);
        if (meant && (online || offline_too)) tell(entry, online);
        return true;
    });
    return {};
}

bool DeviceRegistry::knows(DeviceIndex device) const { return table_.find(device) != nullptr; }

std::shared_ptr<const std::string> DeviceRegistry::idOf(DeviceIndex device) const {
    Entry entry = table_.find(device);
    if (!entry) entry = table_.findLeaving(device);
    return entry ? std::shared_ptr<const std::string>(entry, &entry->id) : nullptr;
}

std::optional<Device> DeviceRegistry::at(DeviceIndex device) const {
    const Entry entry = table_.find(device);
    if (!entry) return std::nullopt;
    Device copy;
    snapshot(*entry, copy);
    return copy;
}

Delivery DeviceRegistry::deliver(DeviceIndex device, const Command& command) const {
    const Entry entry = table_.find(device);
    if (!entry) return Delivery::Unreachable;
    Session::Call holder;
    {
        const std::lock_guard lock(entry->mutex);
        if (entry->online) holder = Session::Call(entry->holder);
    }
    return holder.deliver(command);
}

std::size_t DeviceRegistry::count() const noexcept { return table_.count(); }

std::size_t DeviceRegistry::online() const noexcept {
    return session_surroundings_.online.load(std::memory_order_relaxed);
}

Result<void> DeviceRegistry::kick(std::string_view id) {
    const Entry entry = table_.find(id);
    if (!entry) return notFound(id);
    Session::Call waiter;
    Session::Call holder;
    {
        const std::lock_guard lock(entry->mutex);
        if (!entry->holder) {
            return Error{Error::Kind::Refused,
                         "\"" + entry->id + "\" is offline: there is no link to close"};
        }
        waiter = Session::Call(entry->waiter);
        holder = Session::Call(entry->holder);
    }
    // In this order, so that the end of one does not let the other in first.
    waiter.disconnect(OfflineReason::Kicked);
    holder.disconnect(OfflineReason::Kicked);
    return {};
}

Result<void> DeviceRegistry::forget(std::string_view id) {
    const Entry entry = table_.remove(id);
    if (!entry) return notFound(id);
    if (settings_.news.forgetting) settings_.news.forgetting(entry->index);
    auto forgetting = std::make_unique<Forgetting>(log_);
    std::future<Sequence> written = forgetting->written();
    Session::Call waiter;
    Session::Call holder;
    bool held = false;
    {
        const std::lock_guard lock(entry->mutex);
        entry->forgotten = true;
        held = entry->holder != nullptr;
        waiter = Session::Call(entry->waiter);
        holder = Session::Call(entry->holder);
        if (held) entry->forgetting = std::move(forgetting);
    }
    if (!held) forgetting->write(entry);
    waiter.disconnect(OfflineReason::Kicked);
    holder.disconnect(OfflineReason::Kicked);
    if (!awaitStored(written)) {
        return Error{Error::Kind::Unavailable,
                     "\"" + entry->id +
                         "\" is forgotten, but that is not yet stored: it will be as soon as its "
                         "link is closed and the store works"};
    }
    table_.dropThoseGone();
    return {};
}

// False when that takes too long. Once somebody has waited for the store in vain nobody waits any
// more until it moves, so that a disk that hangs holds up each thread once at most.
bool DeviceRegistry::awaitStored(std::future<Sequence>& written) {
    const SteadyTime now = std::chrono::steady_clock::now();
    const Sequence durable = log_.durable();
    const SteadyTime deadline = stuck_at_ == durable ? now : now + settings_.forget_limit;
    if (written.wait_until(deadline) != std::future_status::ready) return false;
    if (log_.awaitDurable(written.get(), deadline)) return true;
    stuck_at_ = durable;
    return false;
}

Registration DeviceRegistry::publishCounts(Metrics& metrics) {
    constexpr std::string_view kHelp = "Devices that are known.";
    Gauge& online = metrics.gauge("hub_devices", kHelp, {{"state", "online"}});
    Gauge& offline = metrics.gauge("hub_devices", kHelp, {{"state", "offline"}});
    return metrics.beforeRead([this, &online, &offline] {
        const std::size_t known = count();
        // One that is being forgotten is not known any more, and may be online still.
        const std::size_t present = std::min(this->online(), known);
        online.set(static_cast<double>(present));
        offline.set(static_cast<double>(known - present));
    });
}

}  // namespace hub::registry
