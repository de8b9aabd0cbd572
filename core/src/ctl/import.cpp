#include "ctl/import.h"

#include "ctl/import/hub_file.h"
#include "ctl/import/local_times.h"
#include "ctl/import/old_database.h"
#include "ctl/import/report.h"
#include "ctl/import/store_plugin.h"
#include "ctl/import/takeover.h"
#include "daemon/core_settings.h"
#include "daemon/data_directory.h"
#include "daemon/process.h"
#include "daemon/settings.h"
#include "daemon/settings_file.h"

#include <sqlite3.h>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace hub::ctl {

namespace {

using namespace importer;

constexpr std::array kOptions{
    Option{"zone", Option::Type::Text, "",
           "the time zone of the old file's times, such as Europe/Berlin (default: this "
           "machine's)"},
    Option{"config", Option::Type::Text, "", "the hub's configuration file, as for hubd"},
    Option{"data-dir", Option::Type::Text, "", "the hub's data folder, as for hubd"},
    Option{"plugin-dir", Option::Type::Text, "", "the folder of the hub's plugins, as for hubd"},
    Option{"dry-run", Option::Type::Flag, "false",
           "look at both sides and report as the import would, take over nothing"},
};

constexpr std::array<std::string_view, 3> kExamples{
    "hubctl import devices.db --zone Europe/Berlin --dry-run",
    "hubctl import devices.db --zone Europe/Berlin --data-dir /srv/hub",
    "hubctl import devices.db --config /etc/hub/hubd.properties",
};

// SQLite is to give back pages it has read or written rather than have more memory, whoever uses it
// in this process: the store's cache is as large as a busy hub makes use of, an import needs none.
constexpr std::int64_t kSqliteBytes = 32 * 1024 * 1024;

// What the store has to say while it is filled.
class StoreLog final : public Logger {
public:
    explicit StoreLog(std::ostream& err) : err_(err) {}
    void log(LogLevel level, std::string_view message) noexcept override {
        if (enabled(level)) err_ << "hubctl import: the store: " << message << '\n';
    }
    [[nodiscard]] bool enabled(LogLevel level) const noexcept override {
        return level >= LogLevel::Warning;
    }

private:
    std::ostream& err_;
};

// Takes everything and keeps nothing.
class DryStore final : public Store {
public:
    Recovery recover() override { return {}; }
    Result<void> append(std::span<const Event>) override { return {}; }
    Result<void> noteLife(std::span<const SignOfLife>) override { return {}; }
};

// An old database and what was looked at before its rows are read.
struct Old {
    OldDatabase database;
    Survey survey;
    std::string fingerprint;
};

struct Outcome {
    Totals totals;
    Findings findings;
    std::chrono::duration<double> time{};
};

daemon::Settings settingsFrom(const Options& options) {
    std::vector<daemon::Setting> file;
    if (!options.text("config").empty()) file = daemon::readSettingsFiles(options.text("config"));
    std::vector<daemon::Setting> flags;
    for (const auto& [flag, key] :
         {std::pair("data-dir", "hub.data_dir"), std::pair("plugin-dir", "plugins.dir")}) {
        if (options.text(flag).empty()) continue;
        flags.push_back({key, options.text(flag), "--" + std::string(flag)});
    }
    return {std::move(file), daemon::environmentVariables(), std::move(flags)};
}

Outcome takeOver(Old& old, Store& store, const Environment& environment, Timestamp now) {
    Outcome outcome;
    Takeover takeover(old.database, old.survey, store, now, outcome.findings);
    ProgressDisplay display(environment.out, ::isatty(STDOUT_FILENO) != 0, environment.clock,
                            historyRows(old.survey));
    outcome.totals = takeover.run([&](std::uint64_t rows) { display.show(rows); });
    outcome.time = display.end();
    return outcome;
}

std::string summaryOf(const Old& old, const Outcome& outcome) {
    return formatPace(allRows(old.survey), outcome.time) + ": " + formatTotals(outcome.totals) +
           "\n" + outcome.findings.text();
}

// What stands in the hub's file already.
struct Standing {
    std::optional<ImportNote> note;
    Sequence last_sequence = 0;
};

Standing standingOf(const StorePlugin& plugin, Logger& log) {
    if (!std::filesystem::exists(plugin.file())) return {};
    Standing standing;
    {
        const StorePlugin::Running running(plugin, plugin.file(), log);
        standing.last_sequence = running.recovery().last_sequence;
    }
    const std::filesystem::path lock = plugin.file().string() + "-lock";
    if (std::filesystem::exists(lock)) giveToFolderOwner(lock);
    standing.note = readNote(plugin.file());
    return standing;
}

// The new file, until it takes the place of the hub's: nothing is left of it, whatever happens.
class FreshFile {
public:
    explicit FreshFile(std::filesystem::path path) : path_(std::move(path)) { discard(path_); }
    ~FreshFile() {
        try {
            discard(path_);
        } catch (const std::exception&) {
            // The next import begins with it.
        }
    }
    FreshFile(const FreshFile&) = delete;
    FreshFile& operator=(const FreshFile&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    const std::filesystem::path path_;
};

// Refuses a data folder that is not there and cannot be made.
void requireMakeable(const std::filesystem::path& folder) {
    std::filesystem::path there = std::filesystem::absolute(folder);
    while (!std::filesystem::exists(there)) there = there.parent_path();
    if (::access(there.c_str(), W_OK | X_OK) == 0) return;
    throw std::runtime_error("cannot keep data in " + folder.string() + ": it cannot be made in " +
                             there.string() + ": " + std::generic_category().message(errno) +
                             " (choose the folder with --data-dir)");
}

// Whole or not at all: the hub's file is replaced by one that is complete. A dry run looks and
// refuses alike, and keeps nothing.
int importTo(const StorePlugin& plugin, Old& old, bool dry, const Environment& environment,
             Timestamp now) {
    StoreLog log(environment.err);
    const Standing standing = standingOf(plugin, log);
    if (standing.note && standing.note->fingerprint == old.fingerprint) {
        environment.out << "already imported, nothing to do\n";
        return kDone;
    }
    if (standing.last_sequence > (standing.note ? standing.note->last_sequence : 0)) {
        throw std::runtime_error(
            plugin.file().string() +
            " holds what this hub has stored itself, and is left as it is: to import, keep it "
            "aside (move it away) and begin with an empty data folder, or name another one with "
            "--data-dir");
    }
    if (dry) {
        DryStore store;
        const Outcome outcome = takeOver(old, store, environment, now);
        environment.out << "would import " << summaryOf(old, outcome) << "into "
                        << plugin.file().string() << "; nothing was written\n";
        return kDone;
    }
    const FreshFile fresh(plugin.file().string() + ".importing");
    Outcome outcome;
    {
        const StorePlugin::Running running(plugin, fresh.path(), log);
        outcome = takeOver(old, running.store(), environment, now);
    }
    seal(fresh.path(), outcome.totals, {old.fingerprint, outcome.totals.last_sequence}, now);
    replace(plugin.file(), fresh.path());
    environment.out << "imported " << summaryOf(old, outcome) << "into " << plugin.file().string()
                    << "; hubd can be started\n";
    return kDone;
}

int run(const Arguments& arguments, const Environment& environment) {
    const Options& options = arguments.options;
    const std::string& zone = options.text("zone");
    if (!useZone(zone)) {
        throw UsageError("--zone: \"" + zone +
                         "\" is no time zone this machine knows: write it as in Europe/Berlin (on "
                         "Debian the zones are in the package tzdata)");
    }
    sqlite3_soft_heap_limit64(kSqliteBytes);
    const Timestamp now = environment.clock.wall();
    Old old{.database = {arguments.operand(), now}, .survey = {}, .fingerprint = {}};
    const bool dry = options.flag("dry-run");
    const daemon::Settings settings = settingsFrom(options);
    const daemon::CoreSettings core = daemon::readCoreSettings(
        settings, std::filesystem::current_path(), daemon::executablePath());
    const StorePlugin plugin(settings, core);
    ::umask(::umask(0) | S_IWGRP | S_IRWXO);  // what devices say is not for everybody
    const std::filesystem::path& folder = core.hub.data_directory;
    std::optional<daemon::DataDirectory> data;
    if (dry && !std::filesystem::exists(folder)) {
        requireMakeable(folder);
    } else {
        data.emplace(folder);
        giveToFolderOwner(folder / daemon::DataDirectory::kLockFile);
    }
    environment.out << "looking at " << arguments.operand() << ", its times in "
                    << (zone.empty() ? "this machine's time zone" : zone) << std::endl;
    old.survey = old.database.survey();
    old.fingerprint = fingerprintOf(old.survey);
    return importTo(plugin, old, dry, environment, now);
}

}  // namespace

Subcommand importSubcommand() {
    return {{.name = "import",
             .summary = "Take over the database of the earlier Python system.",
             .options = kOptions,
             .examples = kExamples,
             .operands = "<old-file>",
             .details = "hubd must be stopped, also for --dry-run. The database is taken over "
                        "whole or not at all.",
             .asks_hub = false},
            run};
}

}  // namespace hub::ctl
