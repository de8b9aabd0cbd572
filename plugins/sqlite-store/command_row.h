#pragma once

#include "hub/command.h"

#include <string_view>

namespace hub::sqlite_store {

class Query;

// The columns of `command` that the functions below read, in their order.
inline constexpr std::string_view kCommandColumns =
    "number, id, name, payload, device_type, created, ack_timeout, ttl, idempotency_key,"
    " request_digest, status, executed, completed, target_count, success_count";

// Which rows of `command` are open: the words of its partial index, by which SQLite knows it. (A
// list of statuses would cost every write of a row a temporary table to look them up in.)
inline constexpr std::string_view kIsOpen = "completed IS NULL";

// From the current row of a query for kCommandColumns.
[[nodiscard]] CommandRecord readCommandRecord(const Query& row);
[[nodiscard]] CommandProgress readCommandProgress(const Query& row);

}  // namespace hub::sqlite_store
