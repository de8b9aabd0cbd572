#include "ctl/export.h"

#include "ctl/field_text.h"
#include "ctl/hub_query.h"
#include "ctl/printable.h"
#include "ctl/state_csv.h"

#include <array>
#include <chrono>
#include <ostream>
#include <string>
#include <vector>

namespace hub::ctl {

namespace {

constexpr std::array kOptions{
    kSinceOption,
    kUntilOption,
    Option{"format", Option::Type::Text, "jsonl",
           "jsonl: one JSON document a line, as the hub has it; csv: a column for each member of "
           "the states, chosen from the newest 1000, and one for whatever else there is"},
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
        if (format == "csv" && written == 0) environment.out << csv.heading(items) << '\n';
        for (const std::string_view item : items) {
            environment.out << (format == "csv" ? csv.row(item) : printableJson(item)) << '\n';
        }
        if (!environment.out) throw std::runtime_error("cannot write the output");
        written += items.size();
        if (!items.empty()) progress.show(written, items.back());
    });
    // The list of an unknown device is as empty as that of one that said nothing.
    if (count == 0) requestDevice(client, "GET", arguments.operand());
    return kDone;
}

}  // namespace

Subcommand exportSubcommand() {
    return {{.name = "export",
             .summary = "Write out the states that a device has reported, newest first.",
             .options = kOptions,
             .examples = kExamples,
             .operands = "<id>"},
            run};
}

}  // namespace hub::ctl
