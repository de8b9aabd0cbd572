#include "ctl/export.h"

#include "ctl/field_text.h"
#include "ctl/hub_query.h"
#include "ctl/printable.h"
#include "ctl/state_csv.h"

#include <array>
#include <chrono>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace hub::ctl {

namespace {

constexpr std::array kOptions{
    kSinceOption,
    kUntilOption,
    Option{"format", Option::Type::Text, "jsonl",
           "jsonl: one JSON document a line, as the hub has it; csv: a column for each member of "
           "the states, chosen from the newest 1000, and one, `more`, for whatever else there is, "
           "with "
           "the members that the first two columns or `more` leave no name for; null, \"\" and no "
           "member are an empty cell, a line break is \\u000a"},
    kUrlOption,
};

constexpr std::array<std::string_view, 3> kExamples{
    "hubctl export weather-1 > weather-1.jsonl",
    "hubctl export weather-1 --format csv --since 7d > weather-1.csv",
    "hubctl export weather-1 --since 1h | jq .state_data.temperature",
};

// How far an export is, on one line of a terminal.
class ExportProgress {
public:
    // Shows nothing unless `shown`.
    ExportProgress(const Environment& environment, bool shown)
        : err_(environment.err), clock_(environment.clock), shown_(shown) {}
    ~ExportProgress() {
        if (begun_) err_ << std::endl;
    }
    ExportProgress(const ExportProgress&) = delete;
    ExportProgress& operator=(const ExportProgress&) = delete;

    // Says something on a line of its own.
    void tell(const std::string& news) {
        if (std::exchange(begun_, false)) err_ << '\n';
        err_ << "hubctl export: " << news << std::endl;
    }

    // `row` is the oldest of the `count` rows so far.
    void show(std::size_t count, std::string_view row) {
        constexpr std::chrono::milliseconds kPace{250};
        const SteadyTime now = clock_.steady();
        if (!shown_ || (begun_ && now - last_ < kPace)) return;
        begun_ = true;
        last_ = now;
        constexpr std::string_view kEraseLine = "\r\x1b[K";  // ECMA-48, 8.3.41
        err_ << kEraseLine << count << " rows, back to " << timeText(readItem(row), "timestamp")
             << std::flush;
    }

private:
    std::ostream& err_;
    const Clock& clock_;
    const bool shown_;
    bool begun_ = false;
    SteadyTime last_{};
};

// Once there is a beginning, it waits so long for a hub that is away: for a restart.
constexpr std::chrono::seconds kPatience{60};

int run(const Arguments& arguments, const Environment& environment) {
    const std::string& format = arguments.options.text("format");
    if (format != "jsonl" && format != "csv") {
        throw UsageError("--format: \"" + format + "\" is no format: give csv or jsonl");
    }
    const ListQuery query{
        .path = "/api/state-history/" + percentEncoded(arguments.operand()),
        .parameters = timeParameters(arguments, environment.clock.wall(), {"since", "until"}),
        .name = "states"};
    RestClient client = clientFor(arguments, environment);
    StateCsv csv;
    ExportProgress progress(environment, environment.shows_progress);
    std::size_t written = 0;
    const std::size_t count = readList(client, query, [&](const auto& items) {
        if (format == "csv" && written == 0 && !items.empty()) {
            environment.out << csv.heading(items) << '\n';
        }
        for (const std::string_view item : items) {
            environment.out << (format == "csv" ? csv.row(item) : printableJson(item)) << '\n';
        }
        if (!environment.out) throw std::runtime_error("cannot write the output");
        written += items.size();
        if (!items.empty()) progress.show(written, items.back());
        client.persist(kPatience, [&](const std::string& news) { progress.tell(news); });
    });
    // The list of an unknown device is as empty as that of one that said nothing.
    if (count == 0) {
        requestDevice(client, "GET", arguments.operand());
        if (format == "csv") environment.out << csv.heading({}) << '\n';
    }
    return kDone;
}

}  // namespace

Subcommand exportSubcommand() {
    return {{.name = "export",
             .summary = "Write out the states that a device has reported, newest first.",
             .options = kOptions,
             .examples = kExamples,
             .operands = "<id>",
             .details = "A hub that is away for up to a minute is waited for, once there is a "
                        "beginning; then what was written so far stands, and it fails (1 or 3)."},
            run};
}

}  // namespace hub::ctl
