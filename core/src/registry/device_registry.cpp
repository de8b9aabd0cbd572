#include "registry/device_registry.h"

#include "hub/device_message.h"
#include "hub/http.h"
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

std::optional<Timestamp> timestamp(std::int64_t microseconds) {
    if (microseconds == 0) return std::nullopt;
    return Timestamp(std::chrono::microseconds(microseconds));
}

std::int64_t microseconds(std::optional<Timestamp> time) {
    return time ? time->time_since_epoch().count() : 0;
}

// How a device is shown that has not told its type.
constexpr std::string_view kUnknownType = "unknown";

// How one is shown that has given no metadata.
constexpr std::string_view kNoMetadata = "{}";

void snapshot(const DeviceEntry& entry, Device& device) {
    device.index = entry.index;
    device.id = entry.id;
    device.last_seen = timestamp(entry.last_seen.load(std::memory_order_relaxed));
    device.last_heartbeat = timestamp(entry.last_heartbeat.load(std::memory_order_relaxed));
    const std::lock_guard lock(entry.mutex);
    device.type = entry.type.empty() ? kUnknownType : entry.type;
    if (entry.metadata) {
        device.metadata = entry.metadata->json;
        device.tags = entry.metadata->tags;
    } else {
        device.metadata = kNoMetadata;
        device.tags.clear();
    }
    if (entry.transport != nullptr) {
        device.transport = *entry.transport;
    } else {
        device.transport.clear();
    }
    device.online = entry.online;
    device.offline_reason = entry.offline_reason;
    device.connected_at = timestamp(entry.connected_at);
    device.disconnected_at = timestamp(entry.disconnected_at);
    device.last_changed = timestamp(entry.lastChanged());
}

// The tags of metadata from a store, which may have been written under other rules: then none.
std::vector<std::string> tagsOf(DeviceMessageDecoder& decoder, const std::string& metadata) {
    if (!decoder.decode(R"({"metadata":)" + metadata + "}", "heartbeat")) return {};
    const auto tags = decoder.message().tags;
    return {tags.begin(), tags.end()};
}

// A device as a store has kept it; one that was left online went down with the hub, `now`.
std::shared_ptr<DeviceEntry> restored(const Device& device, Timestamp now,
                                      DeviceMessageDecoder& decoder, TransportNames& transports,
                                      EntryMutexes& mutexes) {
    auto entry = std::make_shared<DeviceEntry>(device.index, device.id, mutexes.of(device.index));
    if (device.type != kUnknownType) entry->type = device.type;
    if (device.metadata != kNoMetadata) {
        entry->metadata = std::make_unique<const Metadata>(
            Metadata{device.metadata, tagsOf(decoder, device.metadata)});
    }
    if (!device.transport.empty()) entry->transport = &transports.keep(device.transport);
    entry->last_seen = microseconds(device.last_seen);
    entry->last_heartbeat = microseconds(device.last_heartbeat);
    entry->offline_reason = device.online ? OfflineReason::HubRestarted : device.offline_reason;
    entry->connected_at = microseconds(device.connected_at);
    entry->disconnected_at = microseconds(device.online ? now : device.disconnected_at);
    return entry;
}

// What the connection history keeps of a link that ended with the hub: neither its address nor its
// duration is known any more.
std::string detailsOfRestart(std::string_view transport) {
    std::string json = R"({"reason":"hub_restarted")";
    if (!transport.empty()) {
        json += R"(,"transport":)";
        appendJsonString(json, transport);
    }
    return json += "}";
}

// Nothing when it was not heard of since this was last asked.
std::optional<SignOfLife> newSignOf(DeviceEntry& entry) {
    if (!entry.heard.load(std::memory_order_relaxed)) return std::nullopt;
    entry.heard.exchange(false, std::memory_order_acquire);
    const std::int64_t seen = entry.last_seen.load(std::memory_order_relaxed);
    const std::int64_t heartbeat = entry.last_heartbeat.load(std::memory_order_relaxed);
    return SignOfLife{entry.index, Timestamp(std::chrono::microseconds(seen)),
                      timestamp(heartbeat)};
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
      before_metrics_read_(publishCounts(metrics)) {}

DeviceRegistry::~DeviceRegistry() = default;

void DeviceRegistry::restore(const Recovery& recovery) {
    const Timestamp now = log_.now();
    DeviceMessageDecoder decoder;
    std::vector<Entry> entries;
    std::vector<Entry> left_online;
    for (const Device& device : recovery.devices) {
        entries.push_back(restored(device, now, decoder, transport_names_, entry_mutexes_));
        if (device.online) left_online.push_back(entries.back());
    }
    std::ranges::sort(entries, {}, &DeviceEntry::index);
    {
        const std::lock_guard lock(mutex_);
        next_index_ = recovery.next_device;
        if (!entries.empty()) {
            const auto last = static_cast<std::uint32_t>(entries.back()->index);
            next_index_ = std::max(next_index_, DeviceIndex{last + 1});
        }
        by_id_.clear();
        by_id_.insert(entries.begin(), entries.end());
        entries_ = std::move(entries);
    }
    if (!left_online.empty()) {
        session_surroundings_.logger.warning(
            "the last run did not stop in order: " + std::to_string(left_online.size()) +
            (left_online.size() == 1 ? " device was" : " devices were") + " left online");
    }
    router::Sink sink(log_, [] {});
    for (const Entry& entry : left_online) {
        const std::string_view transport =
            entry->transport ? *entry->transport : std::string_view();
        sink.add({.device = entry->index,
                  .kind = EventKind::Disconnected,
                  .reason = OfflineReason::HubRestarted,
                  .device_id = entry->id,
                  .name = "disconnected",
                  .payload = detailsOfRestart(transport),
                  .transport = transport});
    }
}

std::vector<SignOfLife> DeviceRegistry::takeSignsOfLife() {
    std::vector<SignOfLife> signs;
    std::optional<DeviceIndex> last;
    for (bool more = true; more;) {
        const std::shared_lock lock(mutex_);
        auto next = behind(last);
        for (std::size_t i = 0; i < kStep && next != entries_.end(); ++i, ++next) {
            last = (*next)->index;
            if (const auto sign = newSignOf(**next)) signs.push_back(*sign);
        }
        more = next != entries_.end();
    }
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
        Entry entry = lookUp(id);
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
            Result<Entry> inserted = insert(id);
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
    const Entry entry = lookUp(id);
    if (!entry) return std::nullopt;
    Device device;
    snapshot(*entry, device);
    return device;
}

void DeviceRegistry::visit(std::optional<DeviceIndex> after,
                           const std::function<bool(const Device&)>& visit) const {
    std::array<Entry, kStep> entries;
    Device device;  // one for all, so that its strings are allocated once
    while (const std::size_t found = step(after, entries)) {
        after = entries[found - 1]->index;
        for (std::size_t i = 0; i < found; ++i) {
            snapshot(*entries[i], device);
            if (!visit(device)) return;
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
            const Entry entry = lookUp(id);
            if (!entry) return notFound(id);
            tell(entry, isOnline(*entry));
        }
        return {};
    }
    std::array<Entry, kStep> entries;
    std::optional<DeviceIndex> after;
    while (const std::size_t found = step(after, entries)) {
        after = entries[found - 1]->index;
        for (std::size_t i = 0; i < found; ++i) {
            const auto [meant, online] = standing(*entries[i], targets);
            if (meant && (online || offline_too)) tell(entries[i], online);
        }
    }
    return {};
}

std::shared_ptr<const std::string> DeviceRegistry::idOf(DeviceIndex device) const {
    const Entry entry = lookUp(device);
    return entry ? std::shared_ptr<const std::string>(entry, &entry->id) : nullptr;
}

std::optional<Device> DeviceRegistry::at(DeviceIndex device) const {
    const Entry entry = lookUp(device);
    if (!entry) return std::nullopt;
    Device copy;
    snapshot(*entry, copy);
    return copy;
}

Delivery DeviceRegistry::deliver(DeviceIndex device, const Command& command) const {
    const Entry entry = lookUp(device);
    if (!entry) return Delivery::Unreachable;
    Session::Call holder;
    {
        const std::lock_guard lock(entry->mutex);
        if (entry->online) holder = Session::Call(entry->holder);
    }
    return holder.deliver(command);
}

std::size_t DeviceRegistry::count() const noexcept {
    const std::shared_lock lock(mutex_);
    return by_id_.size();
}

std::size_t DeviceRegistry::online() const noexcept {
    return session_surroundings_.online.load(std::memory_order_relaxed);
}

Result<void> DeviceRegistry::kick(std::string_view id) {
    const Entry entry = lookUp(id);
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
    const Entry entry = remove(id);
    if (!entry) return notFound(id);
    if (settings_.news.forgetting) settings_.news.forgetting(entry->index, entry->id);
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
    const std::lock_guard lock(mutex_);
    dropThoseGone();
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

DeviceRegistry::Entry DeviceRegistry::lookUp(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : *found;
}

DeviceRegistry::Entry DeviceRegistry::lookUp(DeviceIndex device) const {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::lower_bound(entries_, device, {}, &DeviceEntry::index);
    return found == entries_.end() || (*found)->index != device ? nullptr : *found;
}

// The next entries behind `after`; how many there were.
std::size_t DeviceRegistry::step(std::optional<DeviceIndex> after,
                                 std::array<Entry, kStep>& found) const {
    const std::shared_lock lock(mutex_);
    std::size_t count = 0;
    for (auto next = behind(after); next != entries_.end() && count < kStep; ++next) {
        found[count++] = *next;
    }
    return count;
}

Result<DeviceRegistry::Entry> DeviceRegistry::insert(std::string_view id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(id); found != by_id_.end()) return *found;
    if (by_id_.size() >= settings_.capacity) {
        return Error{Error::Kind::Unavailable, "the hub already holds as many devices as it may (" +
                                                   std::to_string(settings_.capacity) + ")"};
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
        std::make_shared<DeviceEntry>(next_index_, std::string(id), entry_mutexes_.of(next_index_));
    next_index_ = DeviceIndex{static_cast<std::uint32_t>(next_index_) + 1};
    entries_.push_back(entry);
    by_id_.insert(entry);
    return entry;
}

// Null when it is not known.
DeviceRegistry::Entry DeviceRegistry::remove(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    Entry entry = *found;
    by_id_.erase(found);
    entries_.erase(behind(entry->index) - 1);
    dropThoseGone();
    leaving_.insert(entry);
    return entry;
}

// Under the lock.
void DeviceRegistry::dropThoseGone() {
    std::erase_if(leaving_, [](const Entry& entry) { return entry->gone.load(); });
}

// The first entry behind `index`, or the first of all. Under the lock.
std::vector<DeviceRegistry::Entry>::const_iterator DeviceRegistry::behind(
    std::optional<DeviceIndex> index) const {
    if (!index) return entries_.begin();
    return std::ranges::upper_bound(entries_, *index, {}, &DeviceEntry::index);
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
