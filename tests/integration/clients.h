#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace Poco::Net {
class WebSocket;
}

namespace hub::integration {

struct Reply {
    int status = 0;
    std::string content_type;
    std::string body;
};

// GET of one path, as a script would do it.
Reply get(std::uint16_t port, const std::string& path);

// Asks for one path until the body contains `text`, and returns that reply; after a minute the last
// one, whatever it contains.
Reply getUntil(std::uint16_t port, const std::string& path, const std::string& text);

// A device over Poco's WebSocket client, which knows nothing of our framing code.
class DeviceClient {
public:
    // Connects and upgrades; throws what Poco throws.
    DeviceClient(std::uint16_t port, const std::string& id);
    ~DeviceClient();

    void send(const std::string& text);
    // The next text frame (pings are answered); empty when the hub closed the link, whose code is
    // then in `closeCode`, or when the link broke. Throws after a minute of silence.
    std::string receive();
    [[nodiscard]] std::optional<int> closeCode() const { return close_code_; }

    // Ends the link with a close frame.
    void close();

private:
    std::unique_ptr<Poco::Net::WebSocket> socket_;
    std::optional<int> close_code_;
};

// Rows of a query on a database file, opened read-only, all columns as text.
std::vector<std::vector<std::string>> query(const std::filesystem::path& file,
                                            const std::string& sql);

// The first column of the first row.
std::string queryOne(const std::filesystem::path& file, const std::string& sql);

}  // namespace hub::integration
