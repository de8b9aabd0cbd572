#pragma once

#include "ctl/import/json_repair.h"
#include "hub/command.h"
#include "hub/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub::ctl::importer {

// What a row of device_connection_logs means here.
struct ConnectionChange {
    EventKind kind = EventKind::Message;  // Connected, Disconnected, or Message for other words
    OfflineReason reason = OfflineReason::None;
    std::string details;  // a JSON object
};

// `timeout` keeps its name. A `disconnected` is for the reason that `details` name, and else the
// link was lost. Details that are no JSON object stand in one as `details`.
[[nodiscard]] ConnectionChange connectionChange(std::string_view event, std::string_view details,
                                                JsonRepair& json);

// How a command of the earlier system has ended: its open ones, of which no device will hear any
// more, as Timeout. Nothing for a word it never wrote.
[[nodiscard]] std::optional<CommandStatus> commandStatusOf(std::string_view word) noexcept;

// The one outcome a device can have by that of the whole; nothing when the whole tells none.
[[nodiscard]] std::optional<TargetStatus> targetStatusOf(CommandStatus status) noexcept;

// The document with which a device registers: `{"message_type":"registration",...}`. `metadata` is
// a JSON object, or "" for none.
[[nodiscard]] std::string registrationDocument(std::string_view device_type,
                                               std::string_view metadata);

// The payload of a CommandTarget event. `payload` is the command's; `response` is a JSON object, or
// any other text, or "" for none.
[[nodiscard]] std::string targetDocument(const Command& command, TargetStatus status,
                                         std::string_view response, JsonRepair& json);

// 1 to `limit` bytes without control characters.
[[nodiscard]] bool isWord(std::string_view text, std::size_t limit) noexcept;

}  // namespace hub::ctl::importer
