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

}  // namespace hub::commands
