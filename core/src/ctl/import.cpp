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

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
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
    Option{"dry-run", Option::Type::Flag, "false", "read and report, write nothing"},
};

constexpr std::array<std::string_view, 3> kExamples{
    "hubctl import devices.db --zone Europe/Berlin --dry-run",
    "hubctl import devices.db --zone Europe/Berlin --data-dir /srv/hub",
    "hubctl import devices.db --config /etc/hub/hubd.properties",
};

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
    return formatPace(historyRows(old.survey), outcome.time) + ": " + formatTotals(outcome.totals) +
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

int dryRun(Old& old, const Environment& environment, Timestamp now) {
    DryStore store;
    const Outcome outcome = takeOver(old, store, environment, now);
    environment.out << "would import " << summaryOf(old, outcome) << "nothing was written\n";
    return kDone;
}

// Whole or not at all: the hub's file is replaced by one that is complete.
int importTo(const StorePlugin& plugin, Old& old, const Environment& environment, Timestamp now) {
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
    const std::filesystem::path fresh = plugin.file().string() + ".importing";
    discard(fresh);
    Outcome outcome;
    {
        const StorePlugin::Running running(plugin, fresh, log);
        outcome = takeOver(old, running.store(), environment, now);
    }
    seal(fresh, outcome.totals, {old.fingerprint, outcome.totals.last_sequence}, now);
    replace(plugin.file(), fresh);
    discard(fresh);
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
    const Timestamp now = environment.clock.wall();
    Old old{.database = {arguments.operand(), now}, .survey = {}, .fingerprint = {}};
    const auto look = [&] {
        environment.out << "looking at " << arguments.operand() << ", its times in "
                        << (zone.empty() ? "this machine's time zone" : zone) << std::endl;
        old.survey = old.database.survey();
        old.fingerprint = fingerprintOf(old.survey, zone.empty() ? "local" : zone);
    };
    if (options.flag("dry-run")) {
        look();
        return dryRun(old, environment, now);
    }
    const daemon::Settings settings = settingsFrom(options);
    const daemon::CoreSettings core = daemon::readCoreSettings(
        settings, std::filesystem::current_path(), daemon::executablePath());
    const StorePlugin plugin(settings, core);
    ::umask(::umask(0) | S_IWGRP | S_IRWXO);  // what devices say is not for everybody
    const daemon::DataDirectory data(core.hub.data_directory);
    giveToFolderOwner(core.hub.data_directory / daemon::DataDirectory::kLockFile);
    look();
    return importTo(plugin, old, environment, now);
}

}  // namespace

Subcommand importSubcommand() {
    return {{.name = "import",
             .summary = "Take over the database of the earlier Python system, while hubd is "
                        "stopped: whole or not at all.",
             .options = kOptions,
             .examples = kExamples,
             .operands = "<old-file>"},
            run};
}

}  // namespace hub::ctl
