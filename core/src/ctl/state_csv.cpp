#include "ctl/state_csv.h"

#include "ctl/hub_query.h"
#include "ctl/json_object.h"
#include "ctl/printable.h"
#include "hub/http.h"

#include <algorithm>
#include <array>

namespace hub::ctl {

namespace {

constexpr std::array<std::string_view, 2> kTimes{"timestamp", "device_time"};
constexpr std::string_view kMore = "more";

void appendCell(std::string& line, std::string_view text) {
    if (!line.empty()) line += ',';
    const std::string cell = printable(text);
    if (cell.find_first_of(",\"") == std::string::npos) {
        line += cell;
        return;
    }
    line += '"';
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
}

// The state of a row; one that is no object has no members.
JsonObject stateOf(const JsonObject& row) {
    auto state = JsonObject::read(row.json("state_data").value_or("{}"));
    return state ? std::move(*state) : JsonObject();
}

}  // namespace

std::string StateCsv::heading(const std::vector<std::string_view>& rows) {
    for (const std::string_view item : rows) {
        const JsonObject row = readItem(item);
        const JsonObject state = stateOf(row);
        for (const JsonObject::Field& field : state.fields()) {
            const bool taken = std::ranges::find(columns_, field.name) != columns_.end() ||
                               std::ranges::find(kTimes, field.name) != kTimes.end() ||
                               field.name == kMore;
            if (!taken && columns_.size() < kMaxColumns) columns_.push_back(field.name);
        }
    }
    std::string line;
    for (const std::string_view name : kTimes) appendCell(line, name);
    for (const std::string& name : columns_) appendCell(line, name);
    appendCell(line, kMore);
    return line;
}

std::string StateCsv::row(std::string_view item) const {
    const JsonObject row = readItem(item);
    const JsonObject state = stateOf(row);
    std::string line;
    for (const std::string_view name : kTimes) appendCell(line, row.text(name));
    for (const std::string& name : columns_) appendCell(line, state.text(name));
    std::string more;
    for (const JsonObject::Field& field : state.fields()) {
        if (std::ranges::find(columns_, field.name) != columns_.end()) continue;
        more += more.empty() ? '{' : ',';
        appendJsonString(more, field.name);
        more.append(1, ':').append(field.json);
    }
    if (!more.empty()) more += '}';
    appendCell(line, more);
    return line;
}

}  // namespace hub::ctl
