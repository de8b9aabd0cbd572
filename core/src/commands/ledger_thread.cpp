#include "commands/ledger_thread.h"

#include "commands/change_events.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <utility>

namespace hub::commands {

namespace {

CommandNumber next(CommandNumber number) {
    return CommandNumber{static_cast<std::uint64_t>(number) + 1};
}

Error notStored() {
    return {Error::Kind::Unavailable,
            "the command could not be stored in time, so it is not sent: try again when the store "
            "works"};
}

}  // namespace

LedgerThread::LedgerThread(Inbox& inbox, const LedgerSurroundings& surroundings,
                           const Recovery& recovery)
    : inbox_(inbox), surroundings_(surroundings), last_number_(recovery.last_command) {
    now_ = moment();
    for (const OpenCommand& command : recovery.commands) {
        ledger_.restore(command, now_);
        last_number_ = std::max(last_number_, command.record.number);
    }
    surroundings_.metrics.setOpen(ledger_.open());
    inbox_.wantOnline(ledger_.unsent() > 0);
    thread_ = std::thread([this] { run(); });
}

LedgerThread::~LedgerThread() {
    inbox_.close();
    thread_.join();
}

void LedgerThread::run() {
    bool open = true;
    while (open) {
        open = inbox_.take(news_, interest());
        ending_ = ending_ || news_.ending || !open;
        turn();
    }
}

// Acknowledgements come before deadlines: what has arrived in time is in time.
void LedgerThread::turn() {
    now_ = moment();
    sendCommitted();
    withdrawThoseGivenUp();
    takeAcknowledgements();
    more_to_expire_ = ledger_.expire(now_, kMaxExpired, changes_);
    takeFarewells();
    takeCancellations();
    takeSubmissions();
    sendToThoseOnline();
    lookUpOldAck();
    const Sequence told = tellLog();
    surroundings_.metrics.setOpen(ledger_.open());
    inbox_.wantOnline(ledger_.unsent() > 0);
    answer(told);
}

Inbox::Interest LedgerThread::interest() {
    Inbox::Interest interest;
    if (!awaiting_.empty()) interest.durable = awaiting_.front().sequence;
    if (more_to_expire_ || !old_acks_.empty()) {
        interest.patience = std::chrono::nanoseconds(0);
    } else if (const auto deadline = ledger_.nextDeadline()) {
        const bool full = surroundings_.log.full();
        interest.room = full;
        if (!full) {
            interest.patience =
                std::max(*deadline - moment().steady, std::chrono::nanoseconds::zero());
        }
    }
    return interest;
}

Moment LedgerThread::moment() const {
    return {surroundings_.clock.steady() - surroundings_.log.timeFull(), surroundings_.log.now()};
}

void LedgerThread::sendCommitted() {
    const Sequence durable = surroundings_.log.durable();
    while (!awaiting_.empty() && awaiting_.front().sequence <= durable) {
        const std::shared_ptr<Submission> submission = std::move(awaiting_.front().submission);
        awaiting_.pop_front();
        if (submission->claimSending()) {
            send(*submission);
            sent_.push_back(submission);
        } else {
            ledger_.cancel(submission->record.number, kWithdrawn, now_, changes_);
        }
    }
}

// What waits for a device from before goes out first. Also one that was offline at recording is
// tried: it may have come online since, and its news before the command was committed.
void LedgerThread::send(Submission& submission) {
    const CommandNumber number = submission.record.number;
    ledger_.committed(number);
    for (std::size_t i = 0; i < submission.addressees.size(); ++i) {
        const Addressee& addressee = submission.addressees[i];
        TargetOutcome& outcome = submission.outcomes[i];
        if (!isOpen(outcome.status)) continue;
        const std::size_t before = changes_.size();
        const Delivery delivery = sendWaiting(addressee.device);
        if (delivery != Delivery::Accepted) {
            ledger_.delivered(number, addressee.device, delivery, now_, changes_);
        }
        for (std::size_t made = before; made < changes_.size(); ++made) {
            changes_[made].device_id = addressee.id;
        }
        if (outcome.status != TargetStatus::Pending) continue;
        const Change* const last = changes_.size() > before ? &changes_.back() : nullptr;
        if (last == nullptr || last->record->number != number) {
            outcome.status = TargetStatus::Cancelled;
            continue;
        }
        outcome.status = last->told.target;
        outcome.reason = last->text;
        if (outcome.status == TargetStatus::Sent) {
            surroundings_.metrics.sent(surroundings_.clock.steady() - submission.submitted);
        }
    }
}

// Until the device takes no more: then the rest does not overtake what it has not taken.
Delivery LedgerThread::sendWaiting(DeviceIndex device) {
    CommandNumber after{};
    while (const auto waiting = ledger_.nextToSend(device, after)) {
        after = waiting->record.number;
        const Command& command = waiting->record.command;
        if (waiting->queued) {
            if (auto reason = refusal(device, command)) {
                ledger_.rejected(after, device, reasons_.emplace_back(std::move(*reason)), now_,
                                 changes_);
                continue;
            }
        }
        const Delivery delivery = deliver(device, command);
        ledger_.delivered(after, device, delivery, now_, changes_);
        if (delivery != Delivery::Accepted) return delivery;
    }
    return Delivery::Accepted;
}

// A transport is a plugin: what it throws is its own failure, and not the end of the hub.
Delivery LedgerThread::deliver(DeviceIndex device, const Command& command) {
    try {
        return surroundings_.devices.deliver(device, command);
    } catch (const std::exception& error) {
        surroundings_.logger.error("a transport could not be given command " + command.id + ": " +
                                   error.what());
        return Delivery::Unreachable;
    }
}

// Asks the guards again: much may have changed since the command was queued.
std::optional<std::string> LedgerThread::refusal(DeviceIndex device, const Command& command) const {
    if (!surroundings_.guards.any()) return std::nullopt;
    const std::optional<Device> target = surroundings_.devices.find(device);
    if (!target || !target->online) return std::nullopt;
    return surroundings_.guards.refusal(command, *target);
}

// Their submitters wait no longer; or nothing can be stored now, so that they need not.
void LedgerThread::withdrawThoseGivenUp() {
    const bool all = ending_ || surroundings_.log.stalled();
    std::erase_if(awaiting_, [this, all](const Awaiting& one) {
        if (!all && !one.submission->withdrawn()) return false;
        withdraw(one.submission);
        return true;
    });
}

void LedgerThread::withdraw(const std::shared_ptr<Submission>& submission) {
    ledger_.cancel(submission->record.number, kWithdrawn, now_, changes_);
    if (submission->withdraw()) submission->answer.set_value({notStored(), 0});
}

void LedgerThread::takeAcknowledgements() {
    if (news_.dropped_acknowledgements > 0) {
        surroundings_.logger.warning(
            std::to_string(news_.dropped_acknowledgements) +
            " acknowledgements of commands came faster than they could be taken: they are kept as "
            "events of their devices only");
    }
    for (const News::Acknowledgement& ack : news_.acknowledgements) {
        const std::string_view id(ack.id.data(), ack.id.size());
        const std::string_view response = news_.responseOf(ack);
        const auto known =
            ledger_.acknowledged(id, ack.device, ack.succeeded, response, now_, changes_);
        if (known == Ledger::Known::Unknown && old_acks_.size() < kMaxOldAcks) {
            old_acks_.push_back(
                {ack.device, ack.succeeded, std::string(id), std::string(response)});
        }
    }
}

// One in a turn: it reads the store, and whatever else has come goes first.
void LedgerThread::lookUpOldAck() {
    if (old_acks_.empty()) return;
    const OldAck ack = std::move(old_acks_.front());
    old_acks_.pop_front();
    CommandQuery query;
    query.id = ack.id;
    query.limit = 1;
    Change change;
    const auto read = surroundings_.history.commands(
        query, [&change](const CommandRecord& record, const CommandProgress& progress) {
            change.record = std::make_shared<const CommandRecord>(record);
            change.told.progress = progress;
            return false;
        });
    if (!read || !change.record) return;
    bool target = false;
    (void)surroundings_.history.commandTargets(change.record->number,
                                               [&target, &ack](const CommandTargetRow& row) {
                                                   target = row.device == ack.device;
                                                   return !target;
                                               });
    if (!target) return;
    change.told.record = change.record.get();
    change.told.target = ack.succeeded ? TargetStatus::AckSuccess : TargetStatus::AckError;
    change.told.late = true;
    change.device = ack.device;
    change.text = reasons_.emplace_back(ack.response);
    changes_.push_back(std::move(change));
}

void LedgerThread::takeFarewells() {
    for (const auto& farewell : news_.farewells) {
        const std::size_t before = changes_.size();
        ledger_.cancelAllOf(farewell->device, kForgotten, now_, changes_);
        if (changes_.size() == before) continue;
        const auto id = std::make_shared<const std::string>(farewell->id);
        for (std::size_t made = before; made < changes_.size(); ++made) {
            changes_[made].device_id = id;
        }
    }
}

void LedgerThread::takeCancellations() {
    for (auto& cancellation : news_.cancellations) {
        Cancelled cancelled{std::move(cancellation), {}};
        if (const auto number = ledger_.find(cancelled.cancellation->id)) {
            cancelled.done.known = true;
            cancelled.done.count = ledger_.cancel(*number, kCancelled, now_, changes_);
        }
        cancelled_.push_back(std::move(cancelled));
    }
}

void LedgerThread::takeSubmissions() {
    for (const auto& submission : news_.submissions) {
        std::optional<Error> error;
        if (ending_ || surroundings_.log.stalled()) {
            error = notStored();
        } else if (!ledger_.hasRoomFor(submission->record, submission->addressees.size())) {
            error = Error{Error::Kind::Unavailable,
                          "too many commands are open already: wait until some have ended, or "
                          "cancel some"};
        } else {
            error = dropThoseForgotten(*submission);
        }
        if (!error) {
            record(submission);
        } else if (submission->withdraw()) {
            submission->answer.set_value({std::move(*error), 0});
        }
    }
}

// A device that was forgotten since it was found has no events any more.
std::optional<Error> LedgerThread::dropThoseForgotten(Submission& submission) const {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < submission.addressees.size(); ++i) {
        if (surroundings_.devices.idOf(submission.addressees[i].device) == nullptr) {
            if (!submission.exact) continue;
            return Error{Error::Kind::NotFound,
                         "no device \"" + *submission.addressees[i].id + "\" is known"};
        }
        if (kept != i) {
            submission.addressees[kept] = std::move(submission.addressees[i]);
            submission.outcomes[kept] = std::move(submission.outcomes[i]);
        }
        ++kept;
    }
    submission.addressees.resize(kept);
    submission.outcomes.resize(kept);
    return std::nullopt;
}

void LedgerThread::record(const std::shared_ptr<Submission>& submission) {
    if (submission->withdrawn()) return;
    last_number_ = next(last_number_);
    submission->record.number = last_number_;
    submission->record.created = now_.wall;
    std::vector<Recipient> recipients;
    recipients.reserve(submission->addressees.size());
    for (std::size_t i = 0; i < submission->addressees.size(); ++i) {
        const TargetOutcome& begins = submission->outcomes[i];
        recipients.push_back({submission->addressees[i].device, begins.status, begins.reason});
    }
    const std::size_t before = changes_.size();
    ledger_.record(std::make_shared<const CommandRecord>(submission->record), recipients,
                   submission->keep, now_, changes_);
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        changes_[before + 1 + i].device_id = submission->addressees[i].id;
    }
    recorded_.push_back(submission);
}

void LedgerThread::sendToThoseOnline() {
    if (ledger_.unsent() == 0) return;
    for (const DeviceIndex device : news_.online) (void)sendWaiting(device);
    if (!news_.many_online) return;
    for (const DeviceIndex device : ledger_.waitedFor()) (void)sendWaiting(device);
}

// Returns the number of the last event; 0 when nothing has changed.
Sequence LedgerThread::tellLog() {
    for (Change& change : changes_) {
        if (change.kind == EventKind::CommandRecorded || change.device_id) continue;
        change.device_id = surroundings_.devices.idOf(change.device);
    }
    std::erase_if(changes_, [](const Change& change) {
        return change.kind == EventKind::CommandTarget && !change.device_id;
    });
    if (changes_.empty()) return 0;
    surroundings_.metrics.count(changes_);
    const Sequence last = surroundings_.log.append(batchOf(std::exchange(changes_, {})));
    reasons_.clear();
    return last;
}

void LedgerThread::answer(Sequence sequence) {
    for (auto& submission : recorded_) awaiting_.push_back({sequence, std::move(submission)});
    recorded_.clear();
    for (const auto& submission : sent_) {
        const CommandStatus status = statusOf(submission->outcomes);
        submission->answer.set_value(
            {CommandReceipt{std::move(submission->record), status, std::move(submission->outcomes)},
             sequence});
    }
    sent_.clear();
    for (Cancelled& cancelled : cancelled_) {
        cancelled.done.sequence = cancelled.done.count > 0 ? sequence : 0;
        cancelled.cancellation->done.set_value(cancelled.done);
    }
    cancelled_.clear();
    for (const auto& farewell : news_.farewells) farewell->done.set_value();
}

}  // namespace hub::commands
