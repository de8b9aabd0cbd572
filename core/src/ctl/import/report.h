#pragma once

#include "ctl/import/findings.h"
#include "ctl/import/old_database.h"
#include "ctl/import/takeover.h"
#include "hub/time.h"

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace hub::ctl::importer {

// How many rows there are to be read in order: those of the histories.
[[nodiscard]] std::uint64_t historyRows(const Survey& survey) noexcept;
// Those and the devices.
[[nodiscard]] std::uint64_t allRows(const Survey& survey) noexcept;

// Shows how far an import is, from time to time: on a terminal one line that changes, else a line
// now and then. One thread.
class ProgressDisplay {
public:
    // All that is borrowed must outlive it.
    ProgressDisplay(std::ostream& out, bool terminal, const Clock& clock, std::uint64_t rows);

    void show(std::uint64_t rows_read);

    // Clears the line. Returns how long it has taken.
    std::chrono::duration<double> end();

private:
    // Constant after construction.
    std::ostream& out_;
    const bool terminal_;
    const Clock& clock_;
    const std::uint64_t rows_;
    const SteadyTime begun_;

    SteadyTime shown_;
};

// `4 devices, 1,000 states, ...`.
[[nodiscard]] std::string formatTotals(const Totals& totals);

// `2,000,000 rows in 3.1 s (645,161 rows/s)`.
[[nodiscard]] std::string formatPace(std::uint64_t rows, std::chrono::duration<double> time);

}  // namespace hub::ctl::importer
