// How fast the SQLite store appends and reads, on the disk of the folder it is given.
//
//   store_bench [--dir .] [--rows 1000000] [--batch 5000] [--devices 100] [--reads 20000]
//
// Prints one JSON line: status snapshots of 97 bytes appended durably per second into an empty
// file, single events appended one by one (each a commit), and reads of a random device's newest
// 100 rows by one thread while nothing is written.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "hub/event.h"
#include "hub/history.h"
#include "sqlite_history.h"
#include "sqlite_store.h"

namespace {

using namespace hub;
using sqlite_store::SqliteHistory;
using sqlite_store::SqliteStore;

constexpr std::size_t kSingleAppends = 2000;

// Makes the hub's part of an event: number, time, device, payload.
class Source {
public:
    explicit Source(std::size_t devices) {
        for (std::size_t i = 0; i < devices; ++i) {
            ids_.push_back("device-" + std::to_string(i));
        }
        for (int i = 0; i < 16384; ++i) {
            char payload[128];
            const int length = std::snprintf(
                payload, sizeof payload,
                R"({"temperature":%.2f,"humidity":%.1f,"battery":%d,"uptime":%d,"state":"measuring","ok":true})",
                15 + i % 1500 / 100.0, 40 + i % 400 / 10.0, i % 101, 1000000 + i * 60);
            payloads_.emplace_back(payload, static_cast<std::size_t>(length));
        }
    }

    void fill(std::vector<Event>& batch, std::size_t count) {
        batch.resize(count);
        for (Event& event : batch) {
            const auto device = random_() % ids_.size();
            event.sequence = ++sequence_;
            event.time = Timestamp(std::chrono::microseconds(1'790'000'000'000'000 + sequence_));
            event.device = static_cast<DeviceIndex>(device);
            event.kind = EventKind::Status;
            event.device_id = ids_[device];
            event.name = "status";
            event.payload = payloads_[sequence_ % payloads_.size()];
        }
    }

private:
    std::vector<std::string> ids_;
    std::vector<std::string> payloads_;
    std::mt19937_64 random_{1};
    Sequence sequence_ = 0;
};

void mustWork(const Result<void>& result) {
    if (!result) {
        std::fprintf(stderr, "store_bench: %s\n", result.error().message.c_str());
        std::exit(1);
    }
}

template <class Work>
double secondsOf(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

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
        SqliteStore store(folder / "hub.db");
        static_cast<void>(store.recover());
        const SqliteHistory history(folder / "hub.db", 1, store.heads());
        Source source(devices);
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
