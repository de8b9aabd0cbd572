#include "commands/ledger.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace hub::commands {

namespace {

// Fewer targets are not worth thinning out.
constexpr std::size_t kThin = 64;

// The `ttl` of a command that is not for devices that are offline.
constexpr std::chrono::milliseconds kNotKept{0};

bool isUnsent(TargetStatus status) noexcept {
    return status == TargetStatus::Pending || status == TargetStatus::Queued;
}

// When `span` after `since`, a wall-clock time of an earlier run, is over. One that lies ahead of a
// clock that was set back begins now.
SteadyTime deadlineAfter(Timestamp since, std::chrono::milliseconds span, const Moment& now) {
    return now.steady + span - std::max(now.wall - since, std::chrono::microseconds(0));
}

}  // namespace

bool Ledger::hasRoomFor(const CommandRecord& record, std::size_t targets) const noexcept {
    return open_ + targets <= kMaxOpen && open_bytes_ + bytesOf(record) <= kMaxOpenBytes;
}

std::size_t Ledger::bytesOf(const CommandRecord& record) noexcept {
    return kCommandBytes + record.command.name.size() + record.command.payload.size() +
           record.device_type.size() + record.idempotency_key.size();
}

void Ledger::record(std::shared_ptr<const CommandRecord> record,
                    std::span<const Recipient> recipients, const Moment& now, Changes& out) {
    out.reserve(out.size() + 1 + recipients.size());
    tellRecorded(record, recipients.size(), out);
    if (recipients.empty()) return;
    const CommandNumber number = record->number;
    assert(!commands_.contains(number));
    Entry& entry = commands_[number];
    entry.progress = out.back().told.progress;
    entry.counts.by_status[static_cast<std::size_t>(TargetStatus::Pending)] =
        entry.progress.target_count;
    entry.targets.reserve(recipients.size());
    for (const Recipient& recipient : recipients) entry.targets.push_back({recipient.device});
    std::ranges::sort(entry.targets, {}, &Target::device);
    entry.record = std::move(record);
    by_id_.emplace(entry.record->command.id, number);
    open_ += recipients.size();
    open_bytes_ += bytesOf(*entry.record);
    for (const Recipient& recipient : recipients) {
        Target& target = *targetIn(entry, recipient.device);
        unsent_.emplace(target.device, number);
        if (recipient.status == TargetStatus::Pending) {
            tell(entry, target, out, {});
        } else {
            change(entry, target, recipient.status, now, out, {.reason = recipient.reason});
        }
        out.back().first = true;
        out.back().device_id = recipient.id;
    }
}

void Ledger::committed(CommandNumber number) {
    if (Entry* const entry = entryOf(number)) entry->committed = true;
}

std::optional<Ledger::Next> Ledger::nextToSend(DeviceIndex device, CommandNumber after) const {
    const auto next = unsent_.upper_bound({device, after});
    if (next == unsent_.end() || next->first != device) return std::nullopt;
    const Entry& entry = commands_.at(next->second);
    if (!entry.committed) return std::nullopt;
    const auto target = std::ranges::lower_bound(entry.targets, device, {}, &Target::device);
    return Next{*entry.record, target->status == TargetStatus::Queued};
}

void Ledger::delivered(CommandNumber number, DeviceIndex device, Delivery delivery,
                       const Moment& now, Changes& out) {
    Entry* const entry = entryOf(number);
    Target* const target = entry ? targetIn(*entry, device) : nullptr;
    if (!target || !unsent_.contains({device, number})) return;
    if (delivery == Delivery::Accepted) {
        change(*entry, *target, TargetStatus::Sent, now, out);
    } else if (target->status == TargetStatus::Queued) {
        return;  // it waits on
    } else if (entry->record->ttl > kNotKept) {
        change(*entry, *target, TargetStatus::Queued, now, out);
    } else {
        change(*entry, *target, TargetStatus::Unreachable, now, out,
               {.reason = delivery == Delivery::Busy ? kQueueFull : kOffline});
    }
}

void Ledger::rejected(CommandNumber number, DeviceIndex device, std::string_view reason,
                      const Moment& now, Changes& out) {
    Entry* const entry = entryOf(number);
    Target* const target = entry ? targetIn(*entry, device) : nullptr;
    if (!target || !unsent_.contains({device, number})) return;
    change(*entry, *target, TargetStatus::Rejected, now, out, {.reason = reason});
}

Ledger::Known Ledger::acknowledged(std::string_view id, DeviceIndex device, bool succeeded,
                                   const ChangeTexts& texts, const Moment& now, Changes& out) {
    const auto number = find(id);
    if (!number) return Known::Unknown;
    Entry& entry = *entryOf(*number);
    Target* const target = targetIn(entry, device);
    if (!target) return entry.thinned ? Known::Unknown : Known::NoTarget;
    const TargetStatus status = succeeded ? TargetStatus::AckSuccess : TargetStatus::AckError;
    if (!hub::isOpen(target->status)) {
        const Target late{device, status};
        tell(entry, late, out, texts);
        out.back().told.late = true;
        return Known::Yes;
    }
    // It has it, so it was sent: by a run of the hub that did not live to note it.
    if (isUnsent(target->status)) change(entry, *target, TargetStatus::Sent, now, out);
    const SteadyTime sent = target->deadline - entry.record->ack_timeout;
    change(entry, *target, status, now, out, texts);
    out.back().took = now.steady - sent;
    return Known::Yes;
}

bool Ledger::isOpen(std::string_view id, DeviceIndex device) {
    const auto number = find(id);
    const Target* const target = number ? targetIn(*entryOf(*number), device) : nullptr;
    return target && hub::isOpen(target->status);
}

std::optional<CommandNumber> Ledger::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return std::nullopt;
    return found->second;
}

const CommandProgress* Ledger::progressOf(CommandNumber number) const {
    const auto found = commands_.find(number);
    return found == commands_.end() ? nullptr : &found->second.progress;
}

std::size_t Ledger::cancel(CommandNumber number, std::string_view reason, const Moment& now,
                           Changes& out) {
    Entry* const entry = entryOf(number);
    if (!entry) return 0;
    const std::size_t before = out.size();
    // By place: a list that is thinned out on the way would move.
    std::vector<DeviceIndex> open;
    for (const Target& target : entry->targets) {
        if (hub::isOpen(target.status)) open.push_back(target.device);
    }
    for (const DeviceIndex device : open) {
        change(*entry, *targetIn(*entry, device), TargetStatus::Cancelled, now, out,
               {.reason = reason});
    }
    return out.size() - before;
}

// Every command is looked at: devices are forgotten by hand, and what was sent is not listed by
// device, which would cost each command more than this costs in all.
std::size_t Ledger::cancelAllOf(DeviceIndex device, std::string_view reason, const Moment& now,
                                Changes& out) {
    std::vector<CommandNumber> concerned;
    for (auto& [number, entry] : commands_) {
        const Target* const target = targetIn(entry, device);
        if (target && hub::isOpen(target->status)) concerned.push_back(number);
    }
    std::ranges::sort(concerned);
    for (const CommandNumber number : concerned) {
        Entry& entry = *entryOf(number);
        change(entry, *targetIn(entry, device), TargetStatus::Cancelled, now, out,
               {.reason = reason});
    }
    return concerned.size();
}

bool Ledger::expire(const Moment& now, std::size_t limit, Changes& out) {
    forgetOld(now.steady);
    for (std::size_t expired = 0; expired < limit; ++expired) {
        const Deadline* const due = deadlines_.first(stale());
        if (!due || due->at > now.steady) return false;
        Entry& entry = *entryOf(due->number);
        Target& target = *targetIn(entry, due->device);
        const bool queued = target.status == TargetStatus::Queued;
        const bool unknown = target.status == TargetStatus::Pending;
        change(entry, target, queued ? TargetStatus::Expired : TargetStatus::Timeout, now, out,
               {.reason = unknown ? kSendingUnknown : std::string_view()});
    }
    return true;
}

void Ledger::restore(const OpenCommand& command, const Moment& now, Changes& out) {
    if (command.targets.empty()) return;
    const CommandNumber number = command.record.number;
    Entry& entry = commands_[number];
    entry.record = std::make_shared<const CommandRecord>(command.record);
    entry.progress = command.progress;
    entry.counts = command.counts;
    entry.committed = true;
    entry.thinned = true;
    by_id_.emplace(entry.record->command.id, number);
    open_ += command.targets.size();
    open_bytes_ += bytesOf(*entry.record);
    for (const OpenCommand::Target& target : command.targets) {
        entry.targets.push_back({target.device, target.status});
    }
    std::ranges::sort(entry.targets, {}, &Target::device);
    for (const OpenCommand::Target& stored : command.targets) {
        Target& target = *targetIn(entry, stored.device);
        if (stored.status == TargetStatus::Pending && entry.record->ttl > kNotKept) {
            count(entry, target, TargetStatus::Queued, stored.since);
            tell(entry, target, out, {});
        }
        const bool queued = target.status == TargetStatus::Queued;
        if (queued) unsent_.emplace(stored.device, number);
        await(entry, target, target.status,
              deadlineAfter(stored.since, queued ? entry.record->ttl : entry.record->ack_timeout,
                            now));
    }
    entry.progress.status = hub::statusOf(entry.counts);
}

std::vector<DeviceIndex> Ledger::waitedFor() const {
    std::vector<DeviceIndex> devices;
    for (const auto& [device, number] : unsent_) {
        if (devices.empty() || devices.back() != device) devices.push_back(device);
    }
    return devices;
}

Ledger::Target* Ledger::targetIn(Entry& entry, DeviceIndex device) {
    const auto found = std::ranges::lower_bound(entry.targets, device, {}, &Target::device);
    return found == entry.targets.end() || found->device != device ? nullptr : &*found;
}

Ledger::Entry* Ledger::entryOf(CommandNumber number) {
    const auto found = commands_.find(number);
    return found == commands_.end() ? nullptr : &found->second;
}

// `target` may be gone after it: the list is thinned out.
void Ledger::change(Entry& entry, Target& target, TargetStatus to, const Moment& now, Changes& out,
                    const ChangeTexts& texts) {
    const CommandRecord& record = *entry.record;
    if (isUnsent(target.status) && !isUnsent(to)) unsent_.erase({target.device, record.number});
    count(entry, target, to, now.wall);
    const bool closes = entry.counts.open() == 0;
    tell(entry, target, out, texts);
    if (to == TargetStatus::Queued) {
        await(entry, target, to, now.steady + record.ttl);
    } else if (to == TargetStatus::Sent) {
        await(entry, target, to, now.steady + record.ack_timeout);
    } else {
        --open_;
        if (closes) {
            close(entry, now);
        } else {
            thin(entry);
        }
    }
}

// That `target` stands as `to` since `when`, in what is known of the whole.
void Ledger::count(Entry& entry, Target& target, TargetStatus to, Timestamp when) {
    --entry.counts.by_status[static_cast<std::size_t>(target.status)];
    ++entry.counts.by_status[static_cast<std::size_t>(to)];
    target.status = to;
    CommandProgress& progress = entry.progress;
    if (to == TargetStatus::Sent) {
        ++entry.counts.ever_sent;
        if (!progress.executed) progress.executed = when;
    }
    progress.status = hub::statusOf(entry.counts);
    progress.success_count = entry.counts[TargetStatus::AckSuccess];
    if (entry.counts.open() == 0) progress.completed = when;
}

void Ledger::tell(const Entry& entry, const Target& target, Changes& out,
                  const ChangeTexts& texts) const {
    Change& change = out.emplace_back();
    change.record = entry.record;
    change.told = {entry.record.get(), entry.progress, target.status, false};
    change.device = target.device;
    change.texts = texts;
}

// Before its devices are told one by one, all of them count as pending.
void Ledger::tellRecorded(const std::shared_ptr<const CommandRecord>& record, std::size_t targets,
                          Changes& out) {
    Change& change = out.emplace_back();
    change.record = record;
    change.told.record = record.get();
    change.told.progress.target_count = static_cast<std::uint32_t>(targets);
    if (targets > 0) {
        change.told.progress.status = CommandStatus::Pending;
    } else {
        change.told.progress.completed = record->created;
    }
    change.kind = EventKind::CommandRecorded;
}

void Ledger::await(const Entry& entry, Target& target, TargetStatus status, SteadyTime deadline) {
    target.status = status;
    target.deadline = deadline;
    deadlines_.add({deadline, entry.record->number, target.device}, open_, stale());
}

void Ledger::close(Entry& entry, const Moment& now) {
    const std::size_t bytes = bytesOf(*entry.record);
    open_bytes_ -= bytes;
    remembered_bytes_ += bytes + entry.targets.capacity() * sizeof(Target);
    remembered_.push_back({now.steady, entry.record->number});
}

// Keeps what a command takes in proportion to what is open of it.
void Ledger::thin(Entry& entry) {
    if (entry.targets.size() < kThin || entry.counts.open() > entry.targets.size() / 2) return;
    std::vector<Target> open;
    open.reserve(entry.counts.open());
    std::ranges::copy_if(entry.targets, std::back_inserter(open),
                         [](const Target& target) { return hub::isOpen(target.status); });
    entry.targets = std::move(open);
    entry.thinned = true;
}

void Ledger::forgetOld(SteadyTime now) {
    while (!remembered_.empty() && (remembered_bytes_ > kMaxRememberedBytes ||
                                    remembered_.front().since + kRemembered <= now)) {
        const auto found = commands_.find(remembered_.front().number);
        const Entry& entry = found->second;
        remembered_bytes_ -= bytesOf(*entry.record) + entry.targets.capacity() * sizeof(Target);
        by_id_.erase(entry.record->command.id);
        commands_.erase(found);
        remembered_.pop_front();
    }
}

std::optional<SteadyTime> Ledger::nextDeadline() {
    const Deadline* const next = deadlines_.first(stale());
    return next ? std::optional(next->at) : std::nullopt;
}

bool Ledger::stands(const Deadline& deadline) {
    Entry* const entry = entryOf(deadline.number);
    const Target* const target = entry ? targetIn(*entry, deadline.device) : nullptr;
    return target && hub::isOpen(target->status) && target->deadline == deadline.at;
}

}  // namespace hub::commands
