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
// others that have one, and `late`:true where it is.
[[nodiscard]] router::Batch batchOf(Changes changes);

// The reason in such a payload, "" where there is none.
[[nodiscard]] std::string reasonIn(std::string_view payload);

}  // namespace hub::commands
