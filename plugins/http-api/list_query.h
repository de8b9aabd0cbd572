#pragma once

#include "hub/history.h"
#include "hub/http.h"
#include "hub/result.h"
#include "hub/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub::http_api {

// The lists a cursor can belong to; the letter stands in the cursor.
enum class List : char { Devices = 'd', History = 'h' };

// What a client gets that gives no `limit`, and what it can get at most.
inline constexpr std::size_t kDefaultLimit = HistoryQuery{}.limit;
inline constexpr std::size_t kMaxLimit = HistoryQuery::kMaxLimit;

// The query parameters that every list understands. Each returns nothing when the parameter is
// absent, and Error Invalid, naming the parameter and what would be right, when it is wrong.

// `limit`: a whole number from 1; more than kMaxLimit becomes kMaxLimit.
[[nodiscard]] Result<std::optional<std::size_t>> readLimit(const HttpRequest& request);

// `cursor`: the position that `makeCursor` put into it.
[[nodiscard]] Result<std::optional<std::uint64_t>> readCursor(const HttpRequest& request,
                                                              List list);

// `since` or `until`: a time as parseTimestamp reads it.
[[nodiscard]] Result<std::optional<Timestamp>> readTime(const HttpRequest& request,
                                                        std::string_view name);

// The text by which a client asks for what follows `position` in `list`.
[[nodiscard]] std::string makeCursor(List list, std::uint64_t position);

}  // namespace hub::http_api
