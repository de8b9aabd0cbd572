#pragma once

#include "hub/hub_services.h"
#include "registry/presence_timeouts.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hub {

// What a hub is built with. Checked by whoever reads the configuration.
struct HubSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8000;   // 0: any free one
    std::size_t io_threads = 0;  // 0: one for each core
    std::size_t http_workers = 32;
    std::size_t log_bytes = 16 * 1024 * 1024;
    std::size_t feed_bytes = 8 * 1024 * 1024;  // of the newest events, while somebody reads them
    std::size_t http_body_bytes = 1024 * 1024;
    std::vector<std::string> origins;  // whose pages may use the hub: see http::Origins
    std::size_t devices = 100'000;     // how many may be known
    // Of one peer address; 0: nine tenths of the open files the process may have.
    std::size_t links_per_address = 0;
    std::size_t connects_per_address = 0;         // new ones a second; 0: no limit
    std::size_t unregistered_per_address = 4096;  // WebSocket links without a message; 0: no limit
    registry::PresenceTimeouts timeouts;
    std::filesystem::path data_directory;
};

// What a hub is built on. Must outlive it.
struct HubSurroundings {
    const Clock& clock;
    Logger& logger;
    const LogTail& log_tail;
    std::function<std::vector<PluginStatus>()> plugins;  // of any thread
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
    // std::runtime_error with a sentence for the operator.
    Hub(const HubSettings& settings, const HubSurroundings& surroundings);
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

    // The number up to which everything is on disk; without a store, of the newest event. Any
    // thread.
    [[nodiscard]] Sequence durable() const noexcept;

    // How many devices are online. Any thread.
    [[nodiscard]] std::size_t online() const noexcept;

    enum class Drained : std::uint8_t {
        Stored,     // everything that was taken in is on disk
        NotStored,  // some of it is not
        NoStore,    // none is attached: nothing is kept
    };

    // Waits until everything that was taken in is on disk, `limit` at most.
    [[nodiscard]] Drained drain(std::chrono::milliseconds limit);

private:
    struct Parts;
    class Services;

    std::unique_ptr<Parts> parts_;
};

}  // namespace hub
