// How fast the SQLite store appends and reads, on the disk of the folder it is given.
//
//   store_bench [--dir .] [--rows 1000000] [--batch 5000] [--devices 100] [--reads 20000]
//
// Prints one JSON line: status snapshots of 97 bytes appended durably per second into an empty
// file, single events appended one by one (each a commit), and reads of a random device's newest
// 100 rows by one thread while nothing is written.
#include "bench/event_source.h"
#include "bench/measuring.h"
#include "fakes/recording_logger.h"
#include "hub/event.h"
#include "hub/history.h"
#include "sqlite_history.h"
#include "sqlite_store.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace hub;
using bench::mustWork;
using bench::secondsOf;
using sqlite_store::SqliteHistory;
using sqlite_store::SqliteStore;

constexpr std::size_t kSingleAppends = 2000;

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::string> options{{"--dir", "."},
                                               {"--rows", "1000000"},
                                               {"--batch", "5000"},
                                               {"--devices", "100"},
                                               {"--reads", "20000"}};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!options.contains(argv[i])) {
            std::fprintf(stderr, "store_bench: unknown option %s\n", argv[i]);
            return 2;
        }
        options[argv[i]] = argv[i + 1];
    }
    const std::size_t rows = std::stoul(options["--rows"]);
    const std::size_t batch_rows = std::stoul(options["--batch"]);
    const std::size_t devices = std::stoul(options["--devices"]);
    const std::size_t reads = std::stoul(options["--reads"]);

    const auto folder =
        std::filesystem::path(options["--dir"]) / ("store_bench." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    {
        fakes::RecordingLogger logger;
        SqliteStore store(folder / "hub.db", logger);
        static_cast<void>(store.recover());
        const SqliteHistory history(folder / "hub.db", 1, store.heads());
        bench::EventSource source(devices);
        std::vector<Event> batch;

        const double append = secondsOf([&] {
            for (std::size_t done = 0; done < rows; done += batch_rows) {
                source.fill(batch, batch_rows);
                mustWork(store.append(batch));
            }
        });
        const double single = secondsOf([&] {
            for (std::size_t i = 0; i < kSingleAppends; ++i) {
                source.fill(batch, 1);
                mustWork(store.append(batch));
            }
        });
        std::mt19937_64 random{2};
        std::size_t bytes = 0;
        const auto read = [&] {
            HistoryQuery query;
            query.device = static_cast<DeviceIndex>(random() % devices);
            mustWork(history.states(query, [&bytes](const StateRow& row) {
                bytes += row.state.size();
                return true;
            }));
        };
        for (std::size_t i = 0; i < reads / 10; ++i) {
            read();
        }
        const double reading = secondsOf([&] {
            for (std::size_t i = 0; i < reads; ++i) {
                read();
            }
        });
        std::printf(
            "{\"rows\":%zu,\"batch\":%zu,\"devices\":%zu,\"append_rows_per_s\":%.0f,"
            "\"single_appends_per_s\":%.0f,\"newest_100_reads_per_s\":%.0f,"
            "\"bytes_read\":%zu}\n",
            rows, batch_rows, devices, static_cast<double>(rows) / append,
            static_cast<double>(kSingleAppends) / single, static_cast<double>(reads) / reading,
            bytes);
    }
    std::filesystem::remove_all(folder);
}
