#pragma once

#include "hub/result.h"
#include "hub/time.h"

#include <chrono>
#include <string>
#include <string_view>

namespace hub::ctl {

// Times as a person at this machine reads and writes them: in its time zone.

// `2026-11-23 17:40:03`.
[[nodiscard]] std::string formatLocal(Timestamp time);
// `2026-11-23 17:40:03.000`.
[[nodiscard]] std::string formatLocalMilliseconds(Timestamp time);

// `12 s`, `5 min`, `3 h`, `40 d`: rounded down to the unit that says it best.
[[nodiscard]] std::string formatSpan(std::chrono::seconds span);

// `12 s ago`; `just now` below a second, and for what is later
// than `now`, since two machines' clocks may differ.
[[nodiscard]] std::string formatAge(Timestamp time, Timestamp now);

// Reads what parseTimestamp reads, but a time that names no offset from UTC is local. The same
// error.
[[nodiscard]] Result<Timestamp> parseLocal(std::string_view text);

// Reads what parseLocal reads, and a time ago: `90s`, `15m`, `1h`, `2d` before `now`. The error
// names the text.
[[nodiscard]] Result<Timestamp> parseMoment(std::string_view text, Timestamp now);

}  // namespace hub::ctl
