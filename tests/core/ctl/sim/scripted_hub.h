#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hub::ctl::sim {

// A WebSocket server on a free port of the loopback, built on Poco alone and thus independent of
// the code under test, whose answers a test scripts.
class ScriptedHub {
public:
    struct Answer {
        std::vector<std::string> texts;
        bool hang_up = false;  // afterwards, without a close frame
    };
    // What the hub says to a text of a device. Called on server threads, one call at a time.
    using Script = std::function<Answer(const std::string& device_id, const std::string& text)>;

    explicit ScriptedHub(Script script);
    ~ScriptedHub();

    // Accepts nothing more and waits for the links to end: what scripts wrote may then be read.
    void stop();

    [[nodiscard]] std::uint16_t port() const;

    // From now on handshakes are refused with 503, or no longer.
    void refuse(bool refusing);
    // From now on those of this device are, and `refused` is called for each on a server thread.
    void refuse(const std::string& device_id, std::function<void()> refused);
    // Links that ended with a close frame, by its code.
    [[nodiscard]] std::vector<std::uint16_t> closeCodes() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace hub::ctl::sim
