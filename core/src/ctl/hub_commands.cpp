#include "ctl/hub_commands.h"

#include "ctl/field_text.h"
#include "ctl/hub_query.h"
#include "ctl/printable.h"
#include "ctl/text_table.h"
#include "hub/logger.h"

#include <array>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace hub::ctl {

namespace {

constexpr std::array kLogsOptions{
    Option{"level", Option::Type::Text, "info",
           "the least important lines wanted: debug, info, warning or error"},
    Option{"limit", Option::Type::Number, "100", "the newest so many; 0: all that the hub holds", 0,
           1'000'000'000},
    kJsonOption,
    kUrlOption,
};

constexpr std::array<std::string_view, 2> kHealthExamples{
    "hubctl health",
    "hubctl health --url http://192.0.2.7:8000 || echo 'look after the hub'",
};
constexpr std::array<std::string_view, 1> kPluginsExamples{"hubctl plugins"};
constexpr std::array<std::string_view, 2> kLogsExamples{
    "hubctl logs --level warning",
    "hubctl logs --limit 20",
};

// The reasons that a 503 of `/readyz` gives: its list, or else its one sentence.
std::vector<std::string> reasonsOf(const JsonObject& problem) {
    auto reasons = readJsonStrings(problem.json("reasons").value_or("[]"));
    if (reasons && !reasons->empty()) return std::move(*reasons);
    return {std::string(problem.text("detail"))};
}

int runHealth(const Arguments& arguments, const Environment& environment) {
    constexpr int kUnavailable = 503;
    RestClient client = clientFor(arguments, environment);
    const bool json = arguments.options.flag("json");
    try {
        const Answer answer(client, "/readyz");
        environment.out << (json ? printableJson(answer.body)
                                 : printable(answer.fields.text("status")))
                        << '\n';
        return kDone;
    } catch (const RestRefusal& refusal) {
        const auto problem = JsonObject::read(refusal.body());
        if (refusal.status() != kUnavailable || !problem) throw;
        if (json) {
            environment.out << printableJson(refusal.body()) << '\n';
            return kFailed;
        }
        environment.out << "not ready\n";
        for (const std::string& reason : reasonsOf(*problem)) {
            environment.out << "  " << printable(reason) << '\n';
        }
        return kFailed;
    }
}

int runPlugins(const Arguments& arguments, const Environment& environment) {
    RestClient client = clientFor(arguments, environment);
    const ListQuery query{.path = "/api/plugins", .name = "plugins"};
    if (arguments.options.flag("json")) {
        printListJson(client, query, environment.out);
        return kDone;
    }
    TextTable table{"PLUGIN", "KIND", "VERSION", "REQUIRED", "STATE", "HEALTH"};
    readList(client, query, [&](const auto& items) {
        for (const std::string_view item : items) {
            const JsonObject plugin = readItem(item);
            const auto text = [&](std::string_view name) { return std::string(plugin.text(name)); };
            std::string health = text("health");
            if (!text("sentence").empty()) health += ": " + text("sentence");
            table.add({text("name"), text("kind"), text("version"),
                       text("required") == "true" ? "yes" : "no", text("state"),
                       std::move(health)});
        }
        table.flush(environment.out);
    });
    return kDone;
}

int runLogs(const Arguments& arguments, const Environment& environment) {
    const std::string& level = arguments.options.text("level");
    if (!logLevelFrom(level)) {
        throw UsageError("--level: \"" + level +
                         "\" is no level: give debug, info, warning or error");
    }
    RestClient client = clientFor(arguments, environment);
    const ListQuery query{.path = "/api/system/logs",
                          .parameters = {{"level", level}},
                          .name = "logs",
                          .limit = static_cast<std::size_t>(arguments.options.number("limit"))};
    if (arguments.options.flag("json")) {
        printListJson(client, query, environment.out);
        return kDone;
    }
    // The hub begins with the newest; a person reads downwards.
    std::vector<std::string> newest_first;
    readList(client, query, [&](const auto& items) {
        newest_first.insert(newest_first.end(), items.begin(), items.end());
    });
    TextTable table{"TIME", "LEVEL", "LOGGER", "MESSAGE"};
    for (const std::string& item : std::views::reverse(newest_first)) {
        const JsonObject line = readItem(item);
        table.add({exactTimeText(line, "timestamp"), std::string(line.text("level")),
                   std::string(line.text("logger")), std::string(line.text("message"))});
    }
    table.flush(environment.out);
    return kDone;
}

}  // namespace

Subcommand healthSubcommand() {
    return {{.name = "health",
             .summary = "Tell whether the hub takes in and keeps what devices say.",
             .options = kPlainOptions,
             .examples = kHealthExamples},
            runHealth};
}

Subcommand pluginsSubcommand() {
    return {{.name = "plugins",
             .summary = "List the plugins of the hub, and how each of them is.",
             .options = kPlainOptions,
             .examples = kPluginsExamples},
            runPlugins};
}

Subcommand logsSubcommand() {
    return {{.name = "logs",
             .summary = "Show the newest lines of the hub's log.",
             .options = kLogsOptions,
             .examples = kLogsExamples},
            runLogs};
}

}  // namespace hub::ctl
