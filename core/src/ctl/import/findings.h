#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl::importer {

// The tables of the earlier system.
enum class Table : std::uint8_t { Devices, States, Connections, Commands };
inline constexpr std::array kTables{Table::Devices, Table::States, Table::Connections,
                                    Table::Commands};

// Its name in the database: `device_state_snapshots`, ...
[[nodiscard]] std::string_view nameOf(Table table) noexcept;

// What is worth saying of a row.
enum class Finding : std::uint8_t {
    // Taken over as it is.
    RepeatedHour,
    LeftOnline,
    // Taken over, but changed.
    NoNumber,
    SkippedHour,
    FutureTime,
    EarlyOutcome,
    BadMetadata,
    BadPayload,
    UnlistedDevice,
    UnknownStatus,
    ResponseWithoutDevice,
    // Left out.
    UnreadableTime,
    BadDeviceId,
    NoObject,
    BadEvent,
    BadCommand,
    RepeatedCommand,
    TooManyDevices,
};
inline constexpr std::size_t kFindings = 18;

// What was found in the rows of a database: how often, and where the first few times.
class Findings {
public:
    // `row` tells the reader which one: its number or id.
    void add(Finding finding, Table table, std::string_view row);

    [[nodiscard]] std::uint64_t count(Finding finding) const noexcept;

    // One line for each kind that was found, with the first rows it was found in; "" for none.
    [[nodiscard]] std::string text() const;

private:
    static constexpr std::size_t kExamples = 3;

    struct Kind {
        std::uint64_t count = 0;
        std::vector<std::string> examples;
    };
    std::array<Kind, kFindings> kinds_;
};

}  // namespace hub::ctl::importer
