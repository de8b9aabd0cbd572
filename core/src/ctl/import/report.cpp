#include "ctl/import/report.h"

#include "ctl/sim/progress.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace hub::ctl::importer {

namespace {

constexpr std::chrono::milliseconds kTerminalInterval{200};
constexpr std::chrono::seconds kLineInterval{5};

std::string formatRate(std::uint64_t rows, std::chrono::duration<double> time) {
    const double seconds = std::max(time.count(), 0.001);
    return sim::formatCount(static_cast<std::uint64_t>(static_cast<double>(rows) / seconds)) +
           " rows/s";
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
    return sim::formatCount(count) + " " + (count == 1 ? one : many);
}

}  // namespace

std::uint64_t historyRows(const Survey& survey) noexcept {
    std::uint64_t rows = 0;
    for (const Table table : {Table::States, Table::Connections, Table::Commands}) {
        rows += survey[static_cast<std::size_t>(table)].rows;
    }
    return rows;
}

std::uint64_t allRows(const Survey& survey) noexcept {
    return historyRows(survey) + survey[static_cast<std::size_t>(Table::Devices)].rows;
}

ProgressDisplay::ProgressDisplay(std::ostream& out, bool terminal, const Clock& clock,
                                 std::uint64_t rows)
    : out_(out),
      terminal_(terminal),
      clock_(clock),
      rows_(rows),
      begun_(clock.steady()),
      shown_(begun_) {}

void ProgressDisplay::show(std::uint64_t rows_read) {
    const SteadyTime now = clock_.steady();
    if (now - shown_ < (terminal_ ? SteadyTime::duration(kTerminalInterval) : kLineInterval)) {
        return;
    }
    shown_ = now;
    std::string line = sim::formatCount(rows_read) + " of " + sim::formatCount(rows_) + " rows, " +
                       std::to_string(rows_read * 100 / std::max<std::uint64_t>(rows_, 1)) + "%, " +
                       formatRate(rows_read, now - begun_);
    if (terminal_) {
        out_ << '\r' << line << "\x1b[K" << std::flush;
    } else {
        out_ << line << std::endl;
    }
}

std::chrono::duration<double> ProgressDisplay::end() {
    if (terminal_ && shown_ != begun_) out_ << "\r\x1b[K";
    return clock_.steady() - begun_;
}

std::string formatTotals(const Totals& totals) {
    return counted(totals.devices, "device", "devices") + ", " +
           counted(totals.states, "state", "states") + ", " +
           counted(totals.connections, "connection change", "connection changes") + ", " +
           counted(totals.events - totals.devices, "other event", "other events") + ", " +
           counted(totals.commands, "command", "commands");
}

std::string formatPace(std::uint64_t rows, std::chrono::duration<double> time) {
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%.1f s", time.count());
    return counted(rows, "row", "rows") + " in " + seconds.data() + " (" + formatRate(rows, time) +
           ")";
}

}  // namespace hub::ctl::importer
