#include "commands/sender.h"

#include <cstddef>
#include <exception>
#include <utility>

namespace hub::commands {

// Also one that was offline at recording is tried: it may have come online since, and its news
// before the command was committed.
void Sender::send(Submission& submission, const Moment& now, Changes& out) {
    const CommandNumber number = submission.record.number;
    ledger_.committed(number);
    for (Recipient& recipient : submission.recipients) {
        if (!isOpen(recipient.status)) continue;
        const std::size_t before = out.size();
        const Delivery delivery = flush(recipient.device, now, out);
        if (delivery != Delivery::Accepted) {
            ledger_.delivered(number, recipient.device, delivery, now, out);
        }
        for (std::size_t made = before; made < out.size(); ++made) {
            out[made].device_id = recipient.id;
        }
        if (recipient.status != TargetStatus::Pending) continue;
        const Change* const last = out.size() > before ? &out.back() : nullptr;
        if (last == nullptr || last->record->number != number) {
            recipient.status = TargetStatus::Cancelled;
            continue;
        }
        recipient.status = last->told.target;
        recipient.reason = last->texts.reason;
        if (recipient.status == TargetStatus::Sent) {
            surroundings_.metrics.sent(surroundings_.clock.steady() - submission.submitted);
        }
    }
}

void Sender::sendWaiting(DeviceIndex device, const Moment& now, Changes& out) {
    (void)flush(device, now, out);
}

void Sender::tryAgain(const Moment& now, Changes& out) {
    if (busy_.empty() || surroundings_.clock.steady() < next_try_) return;
    for (const DeviceIndex device : std::exchange(busy_, {})) sendWaiting(device, now, out);
}

std::optional<SteadyTime> Sender::nextTry() const {
    return busy_.empty() ? std::nullopt : std::optional(next_try_);
}

// Until the device takes no more: then the rest does not overtake what it has not taken.
Delivery Sender::flush(DeviceIndex device, const Moment& now, Changes& out) {
    CommandNumber after{};
    while (const auto waiting = ledger_.nextToSend(device, after)) {
        after = waiting->record.number;
        const Delivery delivery = offer(device, *waiting, now, out);
        if (delivery == Delivery::Accepted) continue;
        if (delivery == Delivery::Busy && ledger_.nextToSend(device, {})) {
            if (busy_.empty()) next_try_ = surroundings_.clock.steady() + kBusy;
            busy_.insert(device);
        }
        return delivery;
    }
    return Delivery::Accepted;
}

// Much may have changed since a command was queued, so the guards are asked again. Accepted also
// when one refuses: the next may go.
Delivery Sender::offer(DeviceIndex device, const Ledger::Next& waiting, const Moment& now,
                       Changes& out) {
    const CommandNumber number = waiting.record.number;
    const Command& command = waiting.record.command;
    if (waiting.queued && surroundings_.guards.any()) {
        const std::optional<Device> target = surroundings_.devices.find(device);
        // Should it be online by the time of delivering, no guard would have judged that: the news
        // of its coming is on the way, and has it tried again.
        if (!target || !target->online) return Delivery::Unreachable;
        if (auto reason = surroundings_.guards.refusal(command, *target)) {
            ledger_.rejected(number, device, reasons_.emplace_back(std::move(*reason)), now, out);
            return Delivery::Accepted;
        }
    }
    const Delivery delivery = deliver(device, command);
    ledger_.delivered(number, device, delivery, now, out);
    return delivery;
}

// A transport is a plugin: what it throws is its own failure, and not the end of the hub.
Delivery Sender::deliver(DeviceIndex device, const Command& command) {
    std::string what;
    try {
        return surroundings_.devices.deliver(device, command);
    } catch (const std::exception& error) {
        what = error.what();
    } catch (...) {
        what = "an exception of an unknown type";
    }
    surroundings_.logger.error("a transport could not be given command " + command.id + ": " +
                               what);
    return Delivery::Unreachable;
}

}  // namespace hub::commands
