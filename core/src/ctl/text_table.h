#pragma once

#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {

// Rows under headings or without any, aligned by columns two spaces apart; the last column is as
// wide as it is. Cells are made printable.
class TextTable {
public:
    explicit TextTable(std::initializer_list<std::string_view> headings);
    // Without headings.
    explicit TextTable(std::size_t columns) : widths_(columns) {}

    // As many cells as there are columns. One that is empty is shown as `-`.
    void add(std::vector<std::string> cells);

    // Writes what was added since the last call, the first time under the headings. A column keeps
    // at least the width it had.
    void flush(std::ostream& out);

private:
    std::vector<std::size_t> widths_;
    std::vector<std::vector<std::string>> rows_;  // not written yet
};

}  // namespace hub::ctl
