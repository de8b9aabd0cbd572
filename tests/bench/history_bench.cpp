// Whether a large file is slower than a small one: appends and newest-100 reads at a million rows
// and at ten million, of 10,000 devices, in the same run.
//
// Usage: history_bench [rows of the small file [rows of the large one [devices]]]
//
// Two files on the disk of the folder for temporary files, measured in turns, so that what else the
// machine does meets both alike. Ends with 1 when the large one is too slow beside the small one.
#include "bench/event_source.h"
#include "bench/measuring.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "hub/history.h"
#include "sqlite_history.h"
#include "sqlite_store.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace hub;
using bench::median;
using bench::mustWork;
using bench::secondsOf;
using sqlite_store::SqliteHistory;
using sqlite_store::SqliteStore;

constexpr int kRounds = 7;
constexpr std::size_t kBatch = 5'000;
constexpr std::size_t kAppends = 200'000;  // rows of a round
constexpr int kReads = 4'000;              // of a round
constexpr double kLeastRatio = 0.85;       // of the small file's speed

// One file, and what was measured on it.
class Subject {
public:
    Subject(const char* name, const std::filesystem::path& file, std::size_t devices)
        : store_(file, logger_),
          history_(file, 1, store_.heads()),
          source_(devices),
          devices_(devices),
          name_(name) {
        static_cast<void>(store_.recover());
    }

    void append(std::size_t rows) {
        for (std::size_t done = 0; done < rows; done += kBatch) {
            source_.fill(batch_, kBatch);
            mustWork(store_.append(batch_));
        }
        rows_ += rows;
    }

    void measure() {
        appends_.push_back(kAppends / secondsOf([this] { append(kAppends); }));
        readNewest(kReads / 10);  // the first reads after a change find nothing prepared
        reads_.push_back(kReads / secondsOf([this] { readNewest(kReads); }));
        std::printf("  %-5s %9zu rows  %8.0f rows/s appended  %6.0f newest-100 reads/s\n", name_,
                    rows_, appends_.back(), reads_.back());
    }

    [[nodiscard]] double appendsPerSecond() const { return median(appends_); }
    [[nodiscard]] double readsPerSecond() const { return median(reads_); }

private:
    void readNewest(int reads) {
        for (int i = 0; i < reads; ++i) {
            const auto device = static_cast<DeviceIndex>(random_() % devices_);
            std::size_t bytes = 0;
            mustWork(history_.states({.device = device}, [&bytes](const StateRow& row) {
                bytes += row.state.size();
                return true;
            }));
            if (bytes == 0) std::exit(1);
        }
    }

    fakes::RecordingLogger logger_;
    SqliteStore store_;
    SqliteHistory history_;
    bench::EventSource source_;
    std::size_t devices_;
    const char* name_;
    std::vector<Event> batch_;
    std::mt19937_64 random_{2};
    std::size_t rows_ = 0;
    std::vector<double> appends_;
    std::vector<double> reads_;
};

}  // namespace

int main(int argc, char** argv) {
    const std::size_t small_rows = argc > 1 ? std::stoul(argv[1]) : 1'000'000;
    const std::size_t large_rows = argc > 2 ? std::stoul(argv[2]) : 10'000'000;
    const std::size_t devices = argc > 3 ? std::stoul(argv[3]) : 10'000;
    const fakes::TemporaryFolder folder;
    Subject small("small", folder.path() / "small.db", devices);
    Subject large("large", folder.path() / "large.db", devices);
    large.append(large_rows);
    small.append(small_rows);
    for (int round = 0; round < kRounds; ++round) {
        small.measure();
        large.measure();
    }
    bench::Gates gates;
    gates.atLeast("median appends, of the small file's",
                  large.appendsPerSecond() / small.appendsPerSecond(), kLeastRatio);
    gates.atLeast("median reads, of the small file's",
                  large.readsPerSecond() / small.readsPerSecond(), kLeastRatio);
    return gates.exitCode();
}
