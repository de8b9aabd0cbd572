#pragma once

#include "commands/change.h"
#include "router/batch.h"

#include <optional>
#include <string>
#include <string_view>

namespace hub::commands {

// The events of changes (at least one), each with its device's id filled in, in one batch: all of
// them become durable together. The payload of a CommandTarget is
//   {"command_id":"..","command_name":"..","status":"sent"}
// with `payload` in the first one of a device, `response` in those of acknowledgements, `reason` in
// others that have one, `late`:true where it is, and `withdrawn`:true where the reason is
// kWithdrawn.
[[nodiscard]] router::Batch batchOf(Changes changes);

// Why a command ends that nobody was told of: its submitter heard that it is not sent.
inline constexpr std::string_view kWithdrawn = "it could not be stored in time";

// Whether such a payload tells of that: its word cannot be mistaken, nor be reworded.
[[nodiscard]] bool saysWithdrawn(std::string_view payload);

// The reason in such a payload, "" where there is none.
[[nodiscard]] std::string reasonIn(std::string_view payload);

}  // namespace hub::commands
