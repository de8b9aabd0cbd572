#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "hub/hub_services.h"

namespace hub {

// What a hub is built with. Checked by whoever reads the configuration.
struct HubSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8000;   // 0: any free one
    std::size_t io_threads = 0;  // 0: one for each core
    std::size_t http_workers = 4;
    std::size_t log_bytes = 16 * 1024 * 1024;
    std::size_t http_body_bytes = 1024 * 1024;
    std::size_t devices = 100'000;  // how many may be known
    std::filesystem::path data_directory;
};

// The core: builds the parts and wires them. The only class that knows them all.
//
// Its life, driven by one thread:
//
//   constructor (binds the port) -> plugins start with services() -> serve() -> ...
//   -> stopServing() -> extensions and transports stop -> drain() -> stores stop -> destructor
class Hub {
public:
    // Binds the port, so that a second hub fails before it touches anything. Throws
    // std::runtime_error with a sentence for the operator. `clock` and `logger` must outlive it.
    Hub(const HubSettings& settings, const Clock& clock, Logger& logger);
    ~Hub();
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    // What one plugin may call, with that plugin's logger. Must be destroyed before the hub.
    [[nodiscard]] std::unique_ptr<HubServices> services(Logger& plugin_logger);

    // The port that was bound.
    [[nodiscard]] std::uint16_t port() const noexcept;

    // Begins to accept connections.
    void serve();

    // Accepts no more connections; those that exist go on.
    void stopServing();

    // Waits until everything that was taken in is on disk. False when that took longer than
    // `limit`, or there is no store.
    bool drain(std::chrono::milliseconds limit);

private:
    struct Parts;
    class Services;

    std::unique_ptr<Parts> parts_;
};

}  // namespace hub
