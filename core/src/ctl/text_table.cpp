#include "ctl/text_table.h"

#include "ctl/printable.h"

#include <algorithm>
#include <utility>

namespace hub::ctl {

TextTable::TextTable(std::initializer_list<std::string_view> headings) : widths_(headings.size()) {
    add({headings.begin(), headings.end()});
}

void TextTable::add(std::vector<std::string> cells) {
    for (std::size_t column = 0; column < cells.size(); ++column) {
        std::string& cell = cells[column];
        cell = cell.empty() ? "-" : printable(cell);
        widths_[column] = std::max(widths_[column], printedWidth(cell));
    }
    rows_.push_back(std::move(cells));
}

void TextTable::flush(std::ostream& out) {
    constexpr std::size_t kGap = 2;
    for (const auto& cells : rows_) {
        for (std::size_t column = 0; column + 1 < cells.size(); ++column) {
            const std::size_t missing = widths_[column] - printedWidth(cells[column]);
            out << cells[column] << std::string(missing + kGap, ' ');
        }
        out << cells.back() << '\n';
    }
    rows_.clear();
}

}  // namespace hub::ctl
