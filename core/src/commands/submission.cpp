#include "commands/submission.h"

namespace hub::commands {

CommandStatus statusOf(const std::vector<TargetOutcome>& outcomes) noexcept {
    TargetCounts counts;
    for (const TargetOutcome& outcome : outcomes) {
        ++counts.by_status[static_cast<std::size_t>(outcome.status)];
        if (outcome.status == TargetStatus::Sent) ++counts.ever_sent;
    }
    return hub::statusOf(counts);
}

Error notStored() {
    return {Error::Kind::Unavailable,
            "the command cannot be stored just now, so it is not sent: try again when the store "
            "works and has caught up"};
}

CommandReceipt Submission::receipt() const {
    CommandReceipt receipt;
    receipt.record = record;
    receipt.targets.reserve(recipients.size());
    for (const Recipient& recipient : recipients) {
        receipt.targets.push_back({*recipient.id, recipient.status, recipient.reason});
    }
    receipt.status = statusOf(receipt.targets);
    return receipt;
}

}  // namespace hub::commands
