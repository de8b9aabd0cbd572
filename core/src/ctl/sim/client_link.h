#pragma once

#include "hub/websocket.h"
#include "net/connection.h"
#include "net/descriptor.h"
#include "websocket/frame_decoder.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace hub::ctl::sim {

// The device's end of one WebSocket link (RFC 6455), from the opening handshake to the close. It
// answers pings, and like the firmwares sends its own when the hub is silent, so that a hub that
// went without a word is missed.
//
// Owned by its connection; everything belongs to the loop's thread.
class ClientLink final : public net::Protocol {
public:
    static constexpr std::chrono::seconds kPingAfter{15};  // without a byte from the hub
    static constexpr std::chrono::seconds kLostAfter{45};  // likewise
    static constexpr std::size_t kMaxQueued = 64 * 1024;   // bytes; above, `hasRoom` is false
    static constexpr std::size_t kMaxMessage = 1024 * 1024;

    class Observer {
    public:
        virtual ~Observer() = default;
        // The hub has accepted the link.
        virtual void onOpen() = 0;
        // A whole text message; valid during the call.
        virtual void onText(std::string_view text) = 0;
        // What was queued has left.
        virtual void onDrained() = 0;
        // The link is over, or never came to be; the link is gone after this call.
        virtual void onEnd(std::string_view reason) = 0;
    };

    struct Target {
        std::string authority;  // of the hub, `127.0.0.1:8000`
        std::string device_id;
    };

    // Takes over a connected socket and begins the handshake. `random` makes keys and masks; it and
    // `observer` must outlive the link. Throws std::system_error when the loop cannot watch it.
    static ClientLink& begin(net::Loop& loop, net::Descriptor descriptor, const Target& target,
                             std::mt19937& random, Observer& observer);

    // Sends a text message. False when the link is not open or closing.
    bool send(std::string_view text);
    [[nodiscard]] bool hasRoom() const noexcept;

    // Begins the closing handshake; the end follows when the hub has answered.
    void close(CloseCode code);
    // Ends at once, without a close frame.
    void abort(std::string_view reason);

    // Pings a silent hub and ends the link to a lost one. Returns when it wants to be called next.
    // Calling it more often costs next to nothing.
    SteadyTime onTime(SteadyTime now);

    std::size_t onBytes(net::Connection& connection, std::span<char> bytes) override;
    void onDrained(net::Connection& connection) override;
    void onEnd(net::Connection& connection, net::ConnectionEnd end) noexcept override;

private:
    enum class State : std::uint8_t { Handshaking, Open, Closing, Over };

    ClientLink(std::mt19937& random, Observer& observer);

    [[nodiscard]] bool finishHandshake(std::span<char>& bytes);
    void onMessages(std::span<char> bytes);
    void onClose(const websocket::Decoded& close);
    void sendFrame(websocket::Opcode opcode, std::string_view payload);

    std::mt19937& random_;
    Observer& observer_;
    std::string key_;                        // of the handshake; freed after it
    net::Connection* connection_ = nullptr;  // owns this link; set by `begin`
    websocket::FrameDecoder decoder_;
    State state_ = State::Handshaking;
    std::string end_reason_;
    SteadyTime last_heard_{};
    SteadyTime last_ping_{};
};

}  // namespace hub::ctl::sim
