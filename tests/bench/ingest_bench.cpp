// From a device's frame to the acknowledged row: rows per second through the real hubd, beside what
// SQLite alone takes in the same minute.
//
// Usage: ingest_bench [devices [messages of each [runs]]]
#include "bench/measuring.h"
#include "bench/process_use.h"
#include "bench/sqlite_limit.h"
#include "bench/ws_load.h"
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <cstdio>
#include <string>
#include <vector>

namespace {

using hub::bench::cpuSeconds;
using hub::bench::median;
using hub::bench::WsLoad;

struct Run {
    double rate = 0;
    double connects = 0;
    double cores = 0;
    double limit = 0;
};

Run measure(const WsLoad& shape) {
    const hub::fakes::TemporaryFolder folder;
    hub::integration::HubProcess hub(folder.path());
    WsLoad load = shape;
    load.port = hub.port();
    const double rows = static_cast<double>(load.devices) * load.messages;

    const double cpu = cpuSeconds(hub.pid());
    const hub::bench::WsLoadResult result = hub::bench::runWsLoad(load);
    Run run;
    run.cores = (cpuSeconds(hub.pid()) - cpu) / (result.connect_seconds + result.seconds);
    run.rate = rows / result.seconds;
    run.connects = load.devices / result.connect_seconds;
    hub.stop();
    const double stored = std::stod(hub::integration::queryOne(
        folder.path() / "hub.db", "SELECT count(*) FROM device_state_snapshots"));
    if (stored != rows) {
        std::printf("%.0f rows were sent, %.0f are in the database\n", rows, stored);
        std::exit(1);
    }
    run.limit = hub::bench::sqliteLimit(folder.path() / "limit.db", static_cast<int>(rows));
    return run;
}

}  // namespace

int main(int argc, char** argv) {
    WsLoad shape;
    int runs = 3;
    if (argc > 1) shape.devices = std::stoi(argv[1]);
    if (argc > 2) shape.messages = std::stoi(argv[2]);
    if (argc > 3) runs = std::stoi(argv[3]);
    std::printf("%d devices, each sends %d statuses of %d bytes; validated, synchronous=FULL\n",
                shape.devices, shape.messages, shape.text_bytes);
    std::vector<double> rates;
    std::vector<double> ratios;
    for (int i = 0; i < runs; ++i) {
        const Run run = measure(shape);
        rates.push_back(run.rate);
        ratios.push_back(run.rate / run.limit);
        std::printf(
            "  %8.0f rows/s acknowledged as durable; SQLite alone %8.0f; ratio %.2f; "
            "hubd %.2f cores; %.0f connects/s\n",
            run.rate, run.limit, run.rate / run.limit, run.cores, run.connects);
    }
    std::printf("median %.0f rows/s, %.2f of SQLite alone\n", median(rates), median(ratios));
    return 0;
}
