#include "commands/ledger_thread.h"

#include "commands/change_events.h"
#include "hub/device_message.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hub::commands {

namespace {

// Under which devices' acknowledgements are stored.
constexpr std::string_view kAckName = "command_ack";

CommandNumber next(CommandNumber number) {
    return CommandNumber{static_cast<std::uint64_t>(number) + 1};
}

}  // namespace

LedgerThread::LedgerThread(Inbox& inbox, const LedgerSurroundings& surroundings,
                           const Recovery& recovery)
    : inbox_(inbox),
      surroundings_(surroundings),
      sender_(ledger_, {surroundings.devices, surroundings.guards, surroundings.clock,
                        surroundings.logger, surroundings.metrics}),
      late_acks_(surroundings.history, surroundings.metrics.droppedAcks(),
                 [&inbox] { inbox.poke(); }),
      last_number_(recovery.last_command) {
    now_ = moment();
    for (const OpenCommand& command : recovery.commands) {
        ledger_.restore(command, now_, changes_);
        last_number_ = std::max(last_number_, command.record.number);
    }
    if (ledger_.open() > 0) takeStoredAcks(recovery);
    tellLog();
    publish();
    thread_ = std::thread([this] { run(); });
}

// A device whose acknowledgement is stored does not send it again.
void LedgerThread::takeStoredAcks(const Recovery& recovery) {
    DeviceMessageDecoder decoder;
    const auto take = [this, &decoder](const Event& event) {
        if (event.kind != EventKind::Message || event.name != kAckName) return true;
        if (!decoder.decode(event.payload, event.name)) return true;
        const DeviceMessage& ack = decoder.message();
        if (!ledger_.isOpen(ack.command_id, event.device)) return true;
        (void)ledger_.acknowledged(ack.command_id, event.device, ack.command_succeeded,
                                   {.reason = ack.command_reason, .response = ack.command_response},
                                   now_, changes_);
        tellLog();  // the texts are the decoder's
        return true;
    };
    std::optional<Sequence> after =
        recovery.last_sequence - std::min(recovery.last_sequence, kAcksLookedFor);
    while (after) {
        auto read = surroundings_.history.events(*after, take);
        if (!read) {
            surroundings_.logger.warning(
                "acknowledgements of before the restart cannot be looked for, their commands may "
                "end as timeout: " +
                read.error().message);
            return;
        }
        after = *read;
    }
}

LedgerThread::~LedgerThread() {
    inbox_.close();
    thread_.join();
}

bool LedgerThread::finish(SteadyTime deadline) {
    inbox_.close();
    return ended_.wait_until(deadline) == std::future_status::ready;
}

void LedgerThread::run() {
    while (!ending_) {
        ending_ = !inbox_.take(news_, interest());
        turn();
    }
    end_.set_value();
}

// Acknowledgements come before deadlines: what has arrived in time is in time.
void LedgerThread::turn() {
    now_ = moment();
    sendCommitted();
    withdrawThoseGivenUp();
    takeAcknowledgements();
    takeLateAcks();
    expire();
    takeFarewells();
    takeCancellations();
    takeSubmissions();
    sendToThoseOnline();
    tellLog();
    publish();
    answer();
}

Inbox::Interest LedgerThread::interest() {
    Inbox::Interest interest;
    if (!awaiting_.empty()) interest.durable = awaiting_.front().sequence;
    const auto deadline = ledger_.nextDeadline();
    if (deadline && surroundings_.log.full()) {
        interest.room = true;
    } else if (deadline) {
        interest.patience =
            more_to_expire_ ? std::chrono::nanoseconds(0) : *deadline - moment().steady;
    }
    if (const auto again = sender_.nextTry()) {
        const std::chrono::nanoseconds patience = *again - surroundings_.clock.steady();
        interest.patience = std::min(interest.patience.value_or(patience), patience);
    }
    return interest;
}

Moment LedgerThread::moment() const {
    return {surroundings_.clock.steady() - surroundings_.log.timeFull(), surroundings_.log.now()};
}

// To those who are not on this thread.
void LedgerThread::publish() {
    surroundings_.metrics.setOpen(ledger_.open());
    inbox_.wantOnline(ledger_.unsent() > 0);
}

void LedgerThread::sendCommitted() {
    const Sequence durable = surroundings_.log.durable();
    while (!awaiting_.empty() && awaiting_.front().sequence <= durable) {
        const std::shared_ptr<Submission> submission = std::move(awaiting_.front().submission);
        awaiting_.pop_front();
        if (submission->claimSending()) {
            sender_.send(*submission, now_, changes_);
            sent_.push_back(submission);
        } else {
            ledger_.cancel(submission->record.number, kWithdrawn, now_, changes_);
        }
    }
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
    if (!submission->withdraw()) return;
    submission->answer.set_value({.receipt = notStored(), .withdrawn = true});
}

void LedgerThread::takeAcknowledgements() {
    if (news_.dropped_acknowledgements > 0) {
        surroundings_.metrics.droppedAcks().add(news_.dropped_acknowledgements);
        surroundings_.logger.warning(
            std::to_string(news_.dropped_acknowledgements) +
            " acknowledgements of commands came faster than they could be taken: they are kept as "
            "events of their devices only");
    }
    for (const News::Acknowledgement& ack : news_.acknowledgements) {
        const std::string_view id(ack.id.data(), ack.id.size());
        const ChangeTexts texts = news_.textsOf(ack);
        const auto known =
            ledger_.acknowledged(id, ack.device, ack.succeeded, texts, now_, changes_);
        if (known == Ledger::Known::Unknown) {
            late_acks_.add({ack.device, ack.succeeded, std::string(id), std::string(texts.reason),
                            std::string(texts.response)});
        }
    }
}

// Since the history was read the command may have gone on.
void LedgerThread::takeLateAcks() {
    found_acks_ = late_acks_.takeFound();
    for (const LateAck& ack : found_acks_) {
        const CommandProgress* const progress = ledger_.progressOf(ack.record->number);
        Change& change = changes_.emplace_back();
        change.record = ack.record;
        change.told.record = ack.record.get();
        change.told.progress = progress ? *progress : ack.progress;
        change.told.target = ack.succeeded ? TargetStatus::AckSuccess : TargetStatus::AckError;
        change.told.late = true;
        change.device = ack.device;
        change.texts = {.reason = ack.reason, .response = ack.response};
    }
}

// Not while the log is full: time stands still, and what was due before waits for room.
void LedgerThread::expire() {
    if (surroundings_.log.full()) return;
    more_to_expire_ = ledger_.expire(now_, kMaxExpired, changes_);
}

void LedgerThread::takeFarewells() {
    for (const auto& farewell : news_.farewells) {
        ledger_.cancelAllOf(farewell->device, kForgotten, now_, changes_);
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
        if (ending_ || surroundings_.log.stalled() || surroundings_.log.full()) {
            error = notStored();
        } else if (!ledger_.hasRoomFor(submission->record, submission->recipients.size())) {
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
    const auto forgotten = [this](const Recipient& recipient) {
        return !surroundings_.devices.knows(recipient.device);
    };
    std::vector<Recipient>& recipients = submission.recipients;
    if (submission.exact) {
        const auto first = std::ranges::find_if(recipients, forgotten);
        if (first == recipients.end()) return std::nullopt;
        return Error{Error::Kind::NotFound, "no device \"" + *first->id + "\" is known"};
    }
    std::erase_if(recipients, forgotten);
    return std::nullopt;
}

void LedgerThread::record(const std::shared_ptr<Submission>& submission) {
    if (submission->withdrawn()) return;
    last_number_ = next(last_number_);
    submission->record.number = last_number_;
    submission->record.created = now_.wall;
    ledger_.record(std::make_shared<const CommandRecord>(submission->record),
                   submission->recipients, now_, changes_);
    recorded_.push_back(submission);
}

void LedgerThread::sendToThoseOnline() {
    sender_.tryAgain(now_, changes_);
    if (ledger_.unsent() == 0) return;
    for (const DeviceIndex device : news_.online) sender_.sendWaiting(device, now_, changes_);
    if (!news_.many_online) return;
    for (const DeviceIndex device : ledger_.waitedFor()) {
        sender_.sendWaiting(device, now_, changes_);
    }
}

void LedgerThread::tellLog() {
    for (Change& change : changes_) {
        if (change.kind == EventKind::CommandRecorded || change.device_id) continue;
        change.device_id = surroundings_.devices.idOf(change.device);
    }
    std::erase_if(changes_, [](const Change& change) {
        return change.kind == EventKind::CommandTarget && !change.device_id;
    });
    if (!changes_.empty()) {
        surroundings_.metrics.count(changes_);
        told_ = surroundings_.log.append(batchOf(std::exchange(changes_, {})));
    }
    sender_.forgetTexts();
}

// What is answered may be seen once all that was told until now is on disk.
void LedgerThread::answer() {
    for (auto& submission : recorded_) awaiting_.push_back({told_, std::move(submission)});
    recorded_.clear();
    for (const auto& submission : sent_) {
        submission->answer.set_value({submission->receipt(), told_});
    }
    sent_.clear();
    for (Cancelled& cancelled : cancelled_) {
        cancelled.done.settled = told_;
        cancelled.cancellation->done.set_value(cancelled.done);
    }
    cancelled_.clear();
    for (const auto& farewell : news_.farewells) farewell->done.set_value();
}

}  // namespace hub::commands
