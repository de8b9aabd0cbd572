#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {

// Rows of a device's state history as CSV (RFC 4180): `timestamp`, `device_time`, a column for each
// member that the states had when the columns were chosen, and `more`, a JSON object with whatever
// else a state has. Strings stand decoded, everything else as its JSON; null and what is absent are
// empty. Control characters are written as JSON writes them, so that each row is one line.
class StateCsv {
public:
    static constexpr std::size_t kMaxColumns = 256;  // of members; further ones are under `more`

    // Chooses the columns, in the order in which the members first stand in `rows`, each an item of
    // the list as the hub wrote it; returns the heading. Once, before any row.
    [[nodiscard]] std::string heading(const std::vector<std::string_view>& rows);
    // Throws std::runtime_error for a row that is no object.
    [[nodiscard]] std::string row(std::string_view item) const;

private:
    std::vector<std::string> columns_;
};

}  // namespace hub::ctl
