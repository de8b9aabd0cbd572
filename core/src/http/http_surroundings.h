#pragma once

#include "http/byte_budget.h"
#include "http/http_metrics.h"
#include "http/origins.h"
#include "http/response_head.h"
#include "http/route_table.h"
#include "http/worker_pool.h"
#include "hub/logger.h"

#include <chrono>
#include <cstddef>

namespace hub::http {

struct HttpLimits {
    std::size_t body_bytes = 1024 * 1024;             // of one request; a larger one: 413
    std::size_t all_bodies_bytes = 64 * 1024 * 1024;  // held at a time; past it: 503
    // Unsent; past it, no further request is read. A stream is read while half of it is free.
    std::size_t output_bytes = 256 * 1024;
    std::chrono::milliseconds head{10'000};  // from the first byte of a request to its head's end
    std::chrono::milliseconds body{30'000};  // from there to the body's end
    std::chrono::milliseconds idle{60'000};  // without a request
    // Without progress, with that much unsent; net::Connection::drainTime bounds it all, but for a
    // stream, which may go on as long as it is read.
    std::chrono::milliseconds write{30'000};
};

// What the connections of one loop share; outlives them.
struct HttpSurroundings {
    const HttpLimits& limits;
    const RouteTable& routes;
    const Origins& origins;
    ByteBudget& bodies;
    WorkerPool& workers;
    WorkerPool& probe_worker;  // for routes that ask for it
    HttpMetrics& metrics;
    Logger& logger;
    Logger& throttled;  // for what peers could have it say as often as they like
    HttpDate date;      // loop's thread only
};

}  // namespace hub::http
