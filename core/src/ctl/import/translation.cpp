#include "ctl/import/translation.h"

#include "hub/http.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hub::ctl::importer {

namespace {

// `{"reason":"lost","details":"..."}`, either member only where there is something to say.
std::string detailsOf(OfflineReason reason, std::string_view text) {
    std::string json = "{";
    if (reason != OfflineReason::None) {
        json.append(R"("reason":")").append(toString(reason)).append("\"");
    }
    if (!text.empty()) {
        json += json.size() > 1 ? R"(,"details":)" : R"("details":)";
        appendJsonString(json, text);
    }
    return json += "}";
}

OfflineReason reasonFrom(std::string_view word) {
    const OfflineReason reason = offlineReasonFrom(word).value_or(OfflineReason::None);
    return reason == OfflineReason::None ? OfflineReason::Lost : reason;
}

}  // namespace

ConnectionChange connectionChange(std::string_view event, std::string_view details,
                                  JsonRepair& json) {
    std::string_view object;
    const bool is_object = json.judge(details, object) != JsonRepair::Verdict::Hopeless;
    ConnectionChange change;
    if (event == "connected") {
        change.kind = EventKind::Connected;
    } else if (event == "timeout") {
        change.kind = EventKind::Disconnected;
        change.reason = OfflineReason::Timeout;
    } else if (event == "disconnected") {
        change.kind = EventKind::Disconnected;
        change.reason = reasonFrom(is_object ? json.member("reason") : std::string_view());
    }
    if (details == "null") details = {};
    change.details = is_object ? std::string(object) : detailsOf(change.reason, details);
    return change;
}

std::optional<CommandStatus> commandStatusOf(std::string_view word) noexcept {
    using enum CommandStatus;
    constexpr std::array<std::pair<std::string_view, CommandStatus>, 9> kOthers{{
        {"success", AckSuccess},
        {"completed", AckSuccess},
        {"error", AckError},
        {"failed", AckError},
        {"executing", Timeout},
        {"executed", Timeout},
        {"delivered", Timeout},
        {"processing", Timeout},
        {"no_device", NoDevices},
    }};
    const auto other =
        std::ranges::find(kOthers, word, &std::pair<std::string_view, CommandStatus>::first);
    if (other != kOthers.end()) return other->second;

    const auto status = commandStatusFrom(word);
    const bool open = status == Pending || status == Queued || status == Sent;
    return open ? Timeout : status;
}

std::optional<TargetStatus> targetStatusOf(CommandStatus status) noexcept {
    switch (status) {
        case CommandStatus::AckSuccess:
            return TargetStatus::AckSuccess;
        case CommandStatus::AckError:
            return TargetStatus::AckError;
        case CommandStatus::Timeout:
            return TargetStatus::Timeout;
        case CommandStatus::Expired:
            return TargetStatus::Expired;
        case CommandStatus::Unreachable:
            return TargetStatus::Unreachable;
        case CommandStatus::Cancelled:
            return TargetStatus::Cancelled;
        case CommandStatus::Rejected:
            return TargetStatus::Rejected;
        case CommandStatus::NoDevices:
        case CommandStatus::Pending:
        case CommandStatus::Queued:
        case CommandStatus::Sent:
        case CommandStatus::Partial:
            return std::nullopt;
    }
    return std::nullopt;
}

std::string registrationDocument(std::string_view device_type, std::string_view metadata) {
    std::string json = R"({"message_type":"registration","device_type":)";
    appendJsonString(json, device_type);
    if (!metadata.empty()) json.append(R"(,"metadata":)").append(metadata);
    return json += "}";
}

std::string targetDocument(const Command& command, TargetStatus status, std::string_view response,
                           JsonRepair& json) {
    std::string document = R"({"command_id":)";
    appendJsonString(document, command.id);
    document += R"(,"command_name":)";
    appendJsonString(document, command.name);
    document.append(R"(,"status":")").append(toString(status)).append("\"");
    document.append(R"(,"payload":)").append(command.payload);
    if (!response.empty()) {
        document += R"(,"response":)";
        std::string_view object;
        if (json.judge(response, object) == JsonRepair::Verdict::Hopeless) {
            appendJsonString(document, response);
        } else {
            document += object;
        }
    }
    return document += "}";
}

bool isWord(std::string_view text, std::size_t limit) noexcept {
    constexpr unsigned char kDelete = 0x7f;
    return !text.empty() && text.size() <= limit && std::ranges::none_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < ' ' || byte == kDelete;
    });
}

}  // namespace hub::ctl::importer
