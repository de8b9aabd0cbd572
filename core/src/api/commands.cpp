#include "hub/commands.h"

#include <algorithm>

namespace hub {

bool CommandRequest::isValidKey(std::string_view key) noexcept {
    return !key.empty() && key.size() <= kMaxKeyBytes &&
           std::ranges::all_of(key, [](char c) { return c >= '!' && c <= '~'; });
}

std::string_view firstReason(const CommandReceipt& receipt) noexcept {
    const auto rejected =
        std::ranges::find(receipt.targets, TargetStatus::Rejected, &TargetOutcome::status);
    return rejected == receipt.targets.end() ? std::string_view() : rejected->reason;
}

}  // namespace hub
