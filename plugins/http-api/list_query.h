#pragma once

#include "hub/device.h"
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
enum class List : char {
    Devices = 'd',
    FleetState = 's',
    States = 'h',       // of one device
    Connections = 'c',  // of one device
    Log = 'l',
    Commands = 'm',
    Targets = 't',  // of one command
};

// What a client gets that gives no `limit`, and what it can get at most.
inline constexpr std::size_t kDefaultLimit = HistoryQuery{}.limit;
inline constexpr std::size_t kMaxLimit = HistoryQuery::kMaxLimit;

// A list of what devices said ends early, with a cursor, rather than grow beyond this: states may
// be large.
inline constexpr std::size_t kMaxRowsBytes = 4 * 1024 * 1024;

// What is wrong with the query parameter `name`, as in "must be true or false".
[[nodiscard]] Error invalidParameter(std::string_view name, std::string_view requirement);

// The query parameters of lists. Each returns nothing when the parameter is absent, and Error
// Invalid, naming the parameter and what would be right, when it is wrong.

// `limit`: a whole number from 1; more than kMaxLimit becomes kMaxLimit.
[[nodiscard]] Result<std::optional<std::size_t>> readLimit(const HttpRequest& request);

// `cursor`: the position that `makeCursor` put into it, for this list and, where the list is that
// of one device, this device.
[[nodiscard]] Result<std::optional<std::uint64_t>> readCursor(
    const HttpRequest& request, List list, std::optional<DeviceIndex> of = std::nullopt);

// `cursor` of a list of devices: the one that `makeDeviceCursor` was given.
[[nodiscard]] Result<std::optional<DeviceIndex>> readDeviceCursor(const HttpRequest& request,
                                                                  List list);

// `since`, `until` or `at`: a time as parseTimestamp reads it, as a number from 1973 on.
[[nodiscard]] Result<std::optional<Timestamp>> readTime(const HttpRequest& request,
                                                        std::string_view name);

// `true` or `1`, `false` or `0`.
[[nodiscard]] Result<std::optional<bool>> readFlag(const HttpRequest& request,
                                                   std::string_view name);

// The text by which a client asks for what follows `position` in `list`, which may be that `of` one
// device.
[[nodiscard]] std::string makeCursor(List list, std::uint64_t position,
                                     std::optional<DeviceIndex> of = std::nullopt);
[[nodiscard]] std::string makeDeviceCursor(List list, DeviceIndex device);

}  // namespace hub::http_api
