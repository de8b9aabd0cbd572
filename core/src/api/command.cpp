#include "hub/command.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace hub {

namespace {

template <class Status>
using Words = std::span<const std::pair<Status, std::string_view>>;

constexpr std::pair<TargetStatus, std::string_view> kTargetWords[] = {
    {TargetStatus::Pending, "pending"},     {TargetStatus::Queued, "queued"},
    {TargetStatus::Sent, "sent"},           {TargetStatus::AckSuccess, "ack_success"},
    {TargetStatus::AckError, "ack_error"},  {TargetStatus::Timeout, "timeout"},
    {TargetStatus::Expired, "expired"},     {TargetStatus::Unreachable, "unreachable"},
    {TargetStatus::Cancelled, "cancelled"}, {TargetStatus::Rejected, "rejected"},
};
static_assert(std::size(kTargetWords) == kTargetStatuses);

constexpr std::pair<CommandStatus, std::string_view> kCommandWords[] = {
    {CommandStatus::NoDevices, "no_devices"},   {CommandStatus::Pending, "pending"},
    {CommandStatus::Queued, "queued"},          {CommandStatus::Sent, "sent"},
    {CommandStatus::AckSuccess, "ack_success"}, {CommandStatus::AckError, "ack_error"},
    {CommandStatus::Partial, "partial"},        {CommandStatus::Timeout, "timeout"},
    {CommandStatus::Expired, "expired"},        {CommandStatus::Unreachable, "unreachable"},
    {CommandStatus::Cancelled, "cancelled"},    {CommandStatus::Rejected, "rejected"},
};

template <class Status>
std::string_view wordOf(Words<Status> words, Status status) noexcept {
    const auto found = std::ranges::find(words, status, &Words<Status>::value_type::first);
    return found == words.end() ? std::string_view() : found->second;
}

template <class Status>
std::optional<Status> statusFrom(Words<Status> words, std::string_view word) noexcept {
    const auto found = std::ranges::find(words, word, &Words<Status>::value_type::second);
    if (found == words.end()) return std::nullopt;
    return found->first;
}

// The whole's status when every device ended so.
CommandStatus allEndedAs(TargetStatus outcome) noexcept {
    switch (outcome) {
        case TargetStatus::Pending:
            return CommandStatus::Pending;
        case TargetStatus::Queued:
            return CommandStatus::Queued;
        case TargetStatus::Sent:
            return CommandStatus::Sent;
        case TargetStatus::AckSuccess:
            return CommandStatus::AckSuccess;
        case TargetStatus::AckError:
            return CommandStatus::AckError;
        case TargetStatus::Timeout:
            return CommandStatus::Timeout;
        case TargetStatus::Expired:
            return CommandStatus::Expired;
        case TargetStatus::Unreachable:
            return CommandStatus::Unreachable;
        case TargetStatus::Cancelled:
            return CommandStatus::Cancelled;
        case TargetStatus::Rejected:
            return CommandStatus::Rejected;
    }
    return CommandStatus::NoDevices;
}

}  // namespace

std::string_view toString(TargetStatus status) noexcept {
    return wordOf<TargetStatus>(kTargetWords, status);
}

std::optional<TargetStatus> targetStatusFrom(std::string_view word) noexcept {
    return statusFrom<TargetStatus>(kTargetWords, word);
}

std::string_view toString(CommandStatus status) noexcept {
    return wordOf<CommandStatus>(kCommandWords, status);
}

std::optional<CommandStatus> commandStatusFrom(std::string_view word) noexcept {
    return statusFrom<CommandStatus>(kCommandWords, word);
}

std::uint32_t TargetCounts::total() const noexcept {
    return std::accumulate(by_status.begin(), by_status.end(), std::uint32_t{0});
}

std::uint32_t TargetCounts::open() const noexcept {
    return (*this)[TargetStatus::Pending] + (*this)[TargetStatus::Queued] +
           (*this)[TargetStatus::Sent];
}

CommandStatus statusOf(const TargetCounts& counts) noexcept {
    const std::uint32_t total = counts.total();
    if (total == 0) return CommandStatus::NoDevices;
    if (counts.open() > 0) {
        if (counts.ever_sent > 0) return CommandStatus::Sent;
        return counts[TargetStatus::Queued] > 0 ? CommandStatus::Queued : CommandStatus::Pending;
    }
    if (counts[TargetStatus::AckError] > 0) return CommandStatus::AckError;
    if (counts[TargetStatus::AckSuccess] == total) return CommandStatus::AckSuccess;
    if (counts[TargetStatus::AckSuccess] > 0) return CommandStatus::Partial;
    const auto most = std::ranges::max_element(counts.by_status);
    return allEndedAs(static_cast<TargetStatus>(most - counts.by_status.begin()));
}

}  // namespace hub
