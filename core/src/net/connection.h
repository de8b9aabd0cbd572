#pragma once

#include "net/connection_limiter.h"
#include "net/descriptor.h"
#include "net/loop.h"
#include "net/timer.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hub::net {

class Connection;

// How a connection ended.
enum class ConnectionEnd : std::uint8_t {
    PeerClosed,  // the peer finished sending (FIN)
    Broken,      // reset, or another socket error
    Closed,      // `close` or `abort` was called here
};

// What is spoken on a connection. Owned by it; every call comes on its loop's thread.
class Protocol {
public:
    virtual ~Protocol() = default;

    // Bytes have come; they may be changed in place. Returns how many were taken: the rest is
    // offered again, with what comes behind it, when more arrives or reading resumes. The protocol
    // bounds how much it leaves: a little is cheap. At least Loop::kSlack readable bytes follow
    // `bytes`.
    virtual std::size_t onBytes(Connection& connection, std::span<char> bytes) = 0;

    // Some of what was queued has been given to the kernel: `queued` is what is left.
    virtual void onWritten(Connection& connection);
    // All of it has.
    virtual void onDrained(Connection& connection);

    // The peer has finished sending, and reads on perhaps (RFC 9112, 9.6), or is gone: only the
    // next write may tell. Called during a pause that asked for it (Connection::AtFin::Tell).
    virtual void onFin(Connection& connection);

    // The connection has ended, and this protocol may be told later: true keeps both, as they are,
    // until the protocol calls `abort`. Asked whenever the end would be told, unless by `abort`.
    [[nodiscard]] virtual bool delaysEnd(Connection& connection) noexcept;
    // The connection is over; called exactly once, and nothing after it.
    virtual void onEnd(Connection& connection, ConnectionEnd end) noexcept = 0;
};

// One accepted or made TCP connection on a loop, non-blocking. It owns its protocol, and lives
// until its end has been told; the loop then destroys it, never inside a call of its protocol.
//
// Everything belongs to the loop's thread.
class Connection final : public Pollable {
public:
    ~Connection() override;

    // Takes over `socket` (connected, or connecting with `connect` in progress) and owns itself
    // from then on through its loop. `address` is the peer's, for people. `admission` is kept as
    // long as the connection. Throws std::system_error when the loop cannot watch it; the socket is
    // closed then.
    static Connection& adopt(Loop& loop, Descriptor socket, const std::string& address,
                             std::unique_ptr<Protocol> protocol,
                             ConnectionLimiter::Admission admission = {});

    // Closes an accepted connection that is not to be served. The peer is told `why`, as far as
    // the kernel takes it at once.
    static void refuse(Descriptor socket, std::string_view why) noexcept;

    [[nodiscard]] Loop& loop() noexcept;
    [[nodiscard]] std::string_view remoteAddress() const noexcept;
    [[nodiscard]] ConnectionLimiter::Admission& admission() noexcept { return admission_; }

    // Queues bytes; they leave at the end of the turn, in one send with what else is queued. Does
    // nothing once the connection is closing. There is no bound: see `queued`.
    void send(std::string_view bytes);
    // Bytes queued and not yet given to the kernel.
    [[nodiscard]] std::size_t queued() const noexcept;

    // What the peer's FIN does during a pause.
    enum class AtFin : std::uint8_t {
        Wait,  // it is seen behind the bytes before it, after `resume`
        Tell,  // the same, but the protocol is told of it at once (`onFin`)
        End,   // the connection ends at once, and what was not taken is lost
    };
    // Stops offering bytes to the protocol, at once: within `onBytes` the protocol returns what it
    // took and gets the rest after `resume`. Nothing more is read from the socket meanwhile. During
    // a pause it changes nothing.
    void pause(AtFin at_fin = AtFin::Wait);
    void resume();
    [[nodiscard]] bool paused() const noexcept;

    // Offers no more bytes, writes out what is queued, then ends. The peer has kDrainLimit without
    // progress and `drainTime` in all for that; then its own FIN is awaited for kLingerLimit behind
    // the scenes, because closing a socket with unread input resets it and takes from the peer what
    // it has not read.
    void close();
    // Ends without writing what is queued; the end is told in this turn.
    void abort();

    // Hands the connection to another protocol: from `onBytes`, the rest of the bytes goes to it.
    // The old one is destroyed, without `onEnd`, once the call it is in has returned.
    void become(std::unique_ptr<Protocol> protocol);

    void onReady(std::uint32_t events) override;

    static constexpr std::chrono::seconds kDrainLimit{10};
    // What a peer may take to read so many bytes, whatever its progress: 64 KiB/s beyond 30 s.
    [[nodiscard]] static constexpr std::chrono::seconds drainTime(std::size_t bytes) noexcept {
        return std::chrono::seconds(30 + bytes / (64 * 1024));
    }
    static constexpr std::chrono::seconds kLingerLimit{2};

private:
    friend class ConnectionSet;

    enum class State : std::uint8_t {
        Open,
        Draining,   // only writes out what is queued
        Lingering,  // all is written: waits for the peer's FIN
        Gone,       // to be destroyed
    };

    struct Output {
        std::string bytes;
        std::size_t written = 0;  // of them
    };

    struct Closing {
        Timer deadline;
        SteadyTime drained_by;
    };

    Connection(Loop& loop, Descriptor socket, const std::string& address,
               std::unique_ptr<Protocol> protocol, ConnectionLimiter::Admission admission);

    void receive();
    void peerFinished();
    void discard();
    void deliver(std::span<char> fresh);
    void deliverBehindLongTail(std::span<char> fresh);
    std::size_t offer(std::span<char> bytes);
    void keepTail(std::span<const char> bytes);

    // Run by the connection set at the end of a turn.
    void offerTail();
    void flush();
    void tellEnd() noexcept;

    bool writeOut();
    void beginDraining();
    void awaitProgress();
    void finishWriting();
    void end(ConnectionEnd end, State state);
    void watch(std::uint32_t events);

    // In this order it has no gaps: there is one for each device, and most of them are idle.
    Loop& loop_;
    const Descriptor socket_;
    std::uint32_t slot_ = 0;                       // in the connection set
    const std::unique_ptr<const char[]> address_;  // ends with a 0
    std::unique_ptr<Protocol> protocol_;           // null once its end has been told
    std::unique_ptr<Protocol> successor_;
    std::unique_ptr<Closing> closing_;   // null until it is being closed
    std::unique_ptr<std::string> tail_;  // offered, and not taken; null when there is none
    std::unique_ptr<Output> output_;     // null when nothing is queued
    [[no_unique_address]] ConnectionLimiter::Admission admission_;
    State state_ = State::Open;
    bool paused_ = false;
    AtFin at_fin_ = AtFin::Wait;
    bool offering_ = false;  // in the protocol's onBytes
    bool peer_finished_ = false;
    bool aborted_ = false;
    // In these lists of the connection set.
    bool in_offers_ = false;
    bool in_flushes_ = false;
    bool in_ends_ = false;
    std::optional<ConnectionEnd> end_;
    std::uint32_t watched_;  // epoll events
};

}  // namespace hub::net
