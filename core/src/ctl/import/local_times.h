#pragma once

#include "hub/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub::ctl::importer {

// From now on `zone` (`Europe/Berlin`, `UTC`) is the time zone of this process; "" leaves the
// machine's. False when this machine knows no zone of that name.
[[nodiscard]] bool useZone(const std::string& zone);

// Turns local times without an offset, one column from row to row, into UTC, in the time zone of
// this process. One thread.
class LocalTimes {
public:
    enum class Kind : std::uint8_t {
        Plain,
        Repeated,  // of the hour that the clock was set back over: there are two such times
        Skipped,   // of the hour that the clock was set forward over: there is no such time
        Future,    // later than now
        Unreadable,
    };
    struct Reading {
        Timestamp time{};  // unless Unreadable
        Kind kind = Kind::Unreadable;
    };

    // `now` is the latest time there can be.
    explicit LocalTimes(Timestamp now);

    // Reads `2026-11-23 17:40:03.000120`, the decimals may be absent; a time that names its offset
    // from UTC is taken at its word. Of two times that are meant by the same text the earlier one
    // is taken, unless rows before it were later already. A time that was skipped is read with the
    // offset that held before. Nothing before 1970; what is later than now is now.
    [[nodiscard]] Reading read(std::string_view text);

    // The same for a time beside the column, which is not before `reference`; moves nothing on.
    [[nodiscard]] Reading readBeside(std::string_view text, Timestamp reference);

private:
    // What the zone's clock is ahead of UTC, before and after a change that may come this day.
    struct Offsets {
        std::int64_t day = 0;  // since 1970
        std::int64_t before = 0;
        std::int64_t after = 0;
    };
    [[nodiscard]] const Offsets& offsetsAround(std::int64_t local_seconds);
    [[nodiscard]] Reading resolve(Timestamp local, Timestamp reference);

    // Constant after construction.
    const Timestamp now_;

    std::optional<Offsets> offsets_;  // of the day that was asked for last
    Timestamp latest_{};
};

}  // namespace hub::ctl::importer
