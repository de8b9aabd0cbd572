#pragma once

#include <cstdint>

namespace hub::bench {

// Devices that send as fast as the hub takes it.
struct WsLoad {
    std::uint16_t port = 0;
    int devices = 100;
    int messages = 10'000;  // of each device
    int text_bytes = 145;   // of one status document
};

struct WsLoadResult {
    double connect_seconds = 0;  // until every device was registered, and that was durable
    double seconds = 0;          // from the first status until the last device's were all durable
};

// Registers the devices, lets each send its statuses back to back, and one message with a `msg_id`
// behind them, whose acknowledgement says that all before it is on disk. One thread, over loopback.
// Throws std::runtime_error when anything else happens.
WsLoadResult runWsLoad(const WsLoad& load);

}  // namespace hub::bench
