#pragma once

#include "ctl/sim/latency_histogram.h"
#include "hub/time.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace hub::ctl::sim {

// What a simulation has counted since its begin. One thread.
struct Statistics {
    std::size_t online = 0;  // devices with an open link, now
    std::uint64_t connects = 0;
    std::uint64_t reconnects = 0;  // those of `connects` that were not a device's first
    std::uint64_t failed_attempts = 0;
    std::size_t never_in = 0;  // devices whose attempts have all failed so far
    std::string last_failure;  // why the last attempt failed or link broke

    std::uint64_t sent = 0;          // documents of every kind
    std::uint64_t sent_again = 0;    // those of `sent` that were repeated after a reconnect
    std::uint64_t acknowledged = 0;  // messages, each once
    std::uint64_t waiting = 0;       // messages kept until they are answered, now
    std::uint64_t given_up = 0;      // messages dropped because too many waited
    std::uint64_t late = 0;          // those of `given_up` that were acknowledged after all

    std::uint64_t errors = 0;  // error documents, and what could not be understood
    std::string last_error;
    std::uint64_t commands_received = 0;
    std::uint64_t commands_answered = 0;

    LatencyHistogram ack_time;         // from the making of a message to its acknowledgement
    LatencyHistogram recent_ack_time;  // the same, since whoever shows it has cleared it

    void acknowledge(SteadyTime::duration after) {
        const auto time = std::chrono::duration_cast<LatencyHistogram::Duration>(after);
        ++acknowledged;
        ack_time.record(time);
        recent_ack_time.record(time);
    }
};

}  // namespace hub::ctl::sim
