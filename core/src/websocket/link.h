#pragma once

#include "hub/websocket.h"
#include "net/connection.h"
#include "net/timer.h"
#include "websocket/backlog.h"
#include "websocket/frame_decoder.h"
#include "websocket/silence.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hub::websocket {

class LinkTable;
class Mount;

// One WebSocket link as the server sees it (RFC 6455): between the bytes of a connection and the
// session of an endpoint. Owned by its connection. From its close frame to the end of its
// connection it takes at most kCloseLimit, whatever the peer does.
//
// While the event log is full, a link that yields to it delivers nothing, but goes on reading as
// far as its backlog allows, so that pings are answered and a close is. What it has read then is
// delivered before anything else, also when the peer has gone meanwhile, unless the log has no room
// within kBacklogLimit from there.
//
// The session is told the end, and destroyed, never inside one of its own calls.
//
// Everything but `reserve` belongs to the connection's thread.
class Link final : public net::Protocol, public WebSocketLink {
public:
    // All arguments must outlive the link, but `mount` only the session.
    Link(net::Connection& connection, LinkTable& table, Mount& mount);
    ~Link() override;

    // Has `endpoint` make the session. What the session sends meanwhile is appended to `head`, the
    // head of the 101 response. Throws what the endpoint throws.
    void open(WebSocketEndpoint& endpoint, const HttpRequest& request, std::string& head);

    [[nodiscard]] Mount& mount() const noexcept { return mount_; }

    // Sets `bytes` of the outgoing queue aside for a frame from another thread: Unreachable when
    // the link is closing, Busy when there is no room. Any thread that keeps the link alive.
    [[nodiscard]] Delivery reserve(std::size_t bytes) noexcept;
    // Queues the frame for which room was reserved.
    void sendReserved(std::string_view frame);
    void notify(std::uint64_t word);

    // There is room in the event log again.
    void resumeFromLog();
    // The endpoint is being shut down: ends the session now.
    void shutDown();

    // As `send` of a text, for any opcode.
    bool send(Opcode opcode, std::string_view payload);

    [[nodiscard]] LinkId id() const noexcept override { return id_; }
    [[nodiscard]] std::string_view remoteAddress() const noexcept override;
    bool send(std::string_view text) override;
    void close(CloseCode code, std::string_view reason) override;
    void pause() override;
    void resume() override;
    void setIdleTimeout(std::chrono::milliseconds timeout) override;
    void registered() override;
    [[nodiscard]] std::chrono::nanoseconds unread() const noexcept override;
    [[nodiscard]] EventSink& events() noexcept override;

    std::size_t onBytes(net::Connection& connection, std::span<char> bytes) override;
    void onWritten(net::Connection& connection) override;
    [[nodiscard]] bool delaysEnd(net::Connection& connection) noexcept override;
    void onEnd(net::Connection& connection, net::ConnectionEnd end) noexcept override;

    static constexpr std::chrono::seconds kCloseLimit{2};
    static constexpr std::chrono::seconds kBacklogLimit{10};

private:
    enum class State : std::uint8_t {
        Open,
        Closing,   // closed by the session: waits for the peer's close frame
        Answered,  // that has come, or will not: as Ending, in what is left of kCloseLimit
        Waiting,   // as Ending, but the session is to hear first what waits for room in the log
        Ending,    // the session is to be told
        Over,      // the session is gone: what is queued is written out
    };

    // What a backlog's delivery is bounded by.
    enum class Bound : std::uint8_t { RoomInLog, Nothing };

    // Receiving and sending: link.cpp.
    void dispatch(const Decoded& decoded);
    void onMessage(const Decoded& decoded);
    void deliver(Decoded::Kind kind, std::string_view payload) noexcept;
    void onControl(const Decoded& decoded);
    void onClose(const Decoded& decoded);
    template <class Call>
    void guarded(Call&& call) noexcept;
    void sessionThrew(std::string_view what) noexcept;
    [[nodiscard]] bool fits(std::size_t bytes) const noexcept;
    void put(Opcode opcode, std::string_view payload);
    void put(std::string_view frame);
    void noteQueued() noexcept;
    void judgeSilence();
    void armTimer();

    // The end: link_ending.cpp.
    void fail(LinkEnd end, std::string_view reason);
    void sendClose(CloseCode code, std::string_view reason);
    void settle() noexcept;
    void tellEnd() noexcept;
    void onTimer();

    // Pauses, for the session and for room in the log: link_pausing.cpp.
    [[nodiscard]] bool paused() const noexcept { return session_paused_ || log_paused_; }
    void notePause() noexcept;
    void stopReading();
    void readAgain(bool& cause);
    void yieldToLog();
    [[nodiscard]] Decoded readAhead(std::span<char>& bytes);
    [[nodiscard]] bool hasBacklog() const noexcept { return backlog_ && !backlog_->empty(); }
    void deliverBacklog(Bound bound) noexcept;
    void dropBacklog() noexcept;
    void awaitLog() noexcept;

    // Constant after construction.
    net::Connection& connection_;
    LinkTable& table_;
    Mount& mount_;
    const LinkId id_;

    // Read by any thread, or counted by several.
    std::atomic<std::uint32_t> reserved_{0};  // bytes on the way here from other threads
    std::atomic<std::uint32_t> queued_{0};    // bytes in the connection
    std::atomic<State> state_ = State::Open;  // changed by the connection's thread

    // Connection's thread only.
    bool session_paused_ = false;
    bool log_paused_ = false;
    bool connection_over_ = false;  // and kept only for this link
    LinkEnd end_;
    std::unique_ptr<WebSocketSession> session_;
    std::unique_ptr<Backlog> backlog_;  // only while log_paused_, or Waiting
    FrameDecoder decoder_;
    std::string* head_ = nullptr;  // set while the 101 is not yet queued
    net::Timer timer_;
    Silence silence_;
    SteadyTime taken_;  // when the peer last took something that was queued, or had taken all
};

// There is one for each device.
static_assert(sizeof(Link) <= 224);

}  // namespace hub::websocket
