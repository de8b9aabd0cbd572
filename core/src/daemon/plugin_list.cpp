#include "daemon/plugin_list.h"

#include "hub/logger.h"
#include "plugins/plugin_library.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace hub::daemon {
namespace {

using Row = std::array<std::string, 4>;

// Why a plugin cannot be loaded stands in the table already.
class Silence final : public Logger {
    void log(LogLevel, std::string_view) noexcept override {}
    [[nodiscard]] bool enabled(LogLevel) const noexcept override { return false; }
};

std::string kindOf(std::optional<PluginKind> kind) {
    return kind ? std::string(toString(*kind)) : "-";
}

std::vector<Row> selectedRows(plugins::PluginSelection selection) {
    const std::vector<std::string> required = std::exchange(selection.required, {});
    const plugins::PluginHost host(selection, {},
                                   [](std::string_view) { return std::make_unique<Silence>(); });
    std::vector<Row> rows;
    for (const PluginStatus& plugin : host.status()) {
        std::string state(toString(plugin.state));
        if (std::ranges::count(required, plugin.name) > 0) {
            state += ", required";
        }
        if (!plugin.health.sentence.empty()) {
            state += ": " + plugin.health.sentence;
        }
        rows.push_back({plugin.name, kindOf(plugin.kind),
                        plugin.version.empty() ? "-" : plugin.version, std::move(state)});
    }
    return rows;
}

Row rowOf(const std::filesystem::path& file) {
    try {
        const plugins::PluginLibrary library(file);
        return {file.stem(), kindOf(library.kind()), library.version(), "not selected"};
    } catch (const std::exception& error) {
        return {file.stem(), "-", "-", std::string("not selected: ") + error.what()};
    }
}

std::vector<Row> otherRows(const plugins::PluginSelection& selection) {
    std::vector<Row> rows;
    std::error_code error;  // a folder that cannot be read has nothing to show
    for (std::filesystem::directory_iterator entry(selection.directory, error), end;
         !error && entry != end; entry.increment(error)) {
        const std::filesystem::path& file = entry->path();
        if (file.extension() == ".so" &&
            std::ranges::count(selection.load, file.stem().string()) == 0) {
            rows.push_back(rowOf(file));
        }
    }
    std::ranges::sort(rows);
    return rows;
}

}  // namespace

std::string listPlugins(const plugins::PluginSelection& selection) {
    std::vector<Row> rows{{"NAME", "KIND", "VERSION", "STATE"}};
    std::ranges::move(selectedRows(selection), std::back_inserter(rows));
    std::ranges::move(otherRows(selection), std::back_inserter(rows));

    std::array<std::size_t, 3> widths{};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size() + 2);
        }
    }
    std::string table;
    for (Row& row : rows) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            row[i].resize(widths[i], ' ');
            table += row[i];
        }
        table += row.back() + "\n";
    }
    return table;
}

}  // namespace hub::daemon
