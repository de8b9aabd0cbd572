#pragma once

#include "hub/api.h"
#include "hub/event_sink.h"
#include "hub/http.h"
#include "hub/registration.h"
#include "hub/time.h"
#include "hub/transport.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

// RFC 6455, 7.4.1, and the hub's own in the private range.
enum class CloseCode : std::uint16_t {
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    UnsupportedPayload = 1003,
    NoStatus = 1005,         // never sent: the peer's close frame carried no code
    AbnormalClosure = 1006,  // never sent: the link broke without a close frame
    InvalidPayload = 1007,
    PolicyViolation = 1008,
    MessageTooBig = 1009,
    InternalError = 1011,
    TryAgainLater = 1013,
    TakenOver = 4000,  // a newer link with the same device id took its place
};

// How a WebSocket link ended.
struct LinkEnd {
    enum class Cause : std::uint8_t {
        PeerClosed,     // the peer sent a close frame
        Broken,         // the connection ended without one
        Silent,         // nothing came for longer than the idle timeout
        ProtocolError,  // the peer broke RFC 6455 or a limit; `code` says which rule
        QueueFull,      // the peer did not read what was sent to it
        ClosedByUs,     // the session called `close`
        HubStopping,    // the endpoint or the hub is being shut down
    };
    Cause cause = Cause::Broken;
    CloseCode code = CloseCode::AbnormalClosure;
};

// One WebSocket link, offered to its session. Every function belongs to the link's I/O thread: from
// other threads use WebSocketEndpoints, which takes the link's number.
class HUB_API WebSocketLink {
public:
    virtual ~WebSocketLink();

    [[nodiscard]] virtual LinkId id() const noexcept = 0;
    [[nodiscard]] virtual std::string_view remoteAddress() const noexcept = 0;

    // Queues one text message (valid UTF-8); it leaves at the end of the loop turn. False when the
    // outgoing queue would pass its bound (the link then closes with TryAgainLater) or the link is
    // closing.
    virtual bool send(std::string_view text) = 0;

    // Sends a close frame behind what is queued. Messages that still come are not delivered; the
    // session's `onEnd` follows, at the latest after the close deadline.
    virtual void close(CloseCode code, std::string_view reason) = 0;

    // Stops delivering messages until `resume`; what has come is kept, the peer is slowed by TCP.
    // The idle timeout stands still. Effective at once, also within a burst.
    virtual void pause() = 0;
    virtual void resume() = 0;

    // Pings a peer that is silent for a third of `timeout`, and ends the link as Silent after
    // `timeout` without any byte from it.
    virtual void setIdleTimeout(std::chrono::milliseconds timeout) = 0;

    // The peer has shown who it is, to the session's satisfaction. Until then the link counts
    // towards the unregistered ones that its address may have, and ends as Silent when
    // WebSocketLimits::first_message has passed, whatever it has sent. Again: nothing.
    virtual void registered() = 0;

    // How long the peer has taken nothing of what is queued for it; zero when nothing is queued.
    [[nodiscard]] virtual std::chrono::nanoseconds unread() const noexcept = 0;

    // The event sink of this I/O thread.
    [[nodiscard]] virtual EventSink& events() noexcept = 0;
};

// What happens on a link, implemented by a plugin; created when a link opens, destroyed after
// `onEnd`. Every call comes on the link's I/O thread; blocking there blocks other devices. An
// exception closes the link with InternalError.
class HUB_API WebSocketSession {
public:
    virtual ~WebSocketSession();

    // A whole text message, valid UTF-8; `text` is valid during the call.
    virtual void onText(std::string_view text) = 0;

    // A whole binary message. By default the link is closed with UnsupportedPayload (RFC 6455,
    // 7.4.1) by the caller when this returns false.
    [[nodiscard]] virtual bool onBinary(std::string_view bytes);

    // A ping or pong came: the peer lives.
    virtual void onControl() noexcept = 0;

    // Another thread asked for this through WebSocketEndpoints::notify.
    virtual void onNotify(std::uint64_t word) = 0;

    // The link is over: nothing can be sent any more. Called exactly once.
    virtual void onEnd(const LinkEnd& end) noexcept = 0;
};

// A plugin's say over the links under one path pattern.
class HUB_API WebSocketEndpoint {
public:
    virtual ~WebSocketEndpoint();

    // Judges a valid upgrade request, on an I/O thread. Nothing: accepted. A response: refused with
    // it, and no upgrade takes place.
    [[nodiscard]] virtual std::optional<HttpResponse> refuse(const HttpRequest& request) = 0;

    // The session for an accepted link, made before the 101 leaves. `link` outlives it.
    [[nodiscard]] virtual std::unique_ptr<WebSocketSession> open(WebSocketLink& link,
                                                                 const HttpRequest& request) = 0;
};

// Limits of the links of one endpoint.
struct WebSocketLimits {
    std::size_t message_bytes = 64 * 1024;  // a longer message closes with MessageTooBig
    std::size_t queue_bytes = 256 * 1024;   // outgoing; past it the link closes with TryAgainLater
    std::size_t fragments = 1024;           // of one message; more is a PolicyViolation
    // From the upgrade to the first message that lets the session call WebSocketLink::registered.
    std::chrono::milliseconds first_message{10'000};
    bool yields_to_log = true;  // no messages while the event log is above its high-water mark
};

// The hub's WebSocket front, on the same port as HttpRoutes. Any thread.
class HUB_API WebSocketEndpoints {
public:
    virtual ~WebSocketEndpoints();

    // Upgrades on paths that match `pattern` (see HttpRoutes::route) go to `endpoint`. Destroying
    // the registration closes the endpoint's links with GoingAway, each `onEnd` on its own thread,
    // and returns when all sessions are gone.
    [[nodiscard]] virtual Registration mount(std::string_view pattern, WebSocketEndpoint& endpoint,
                                             const WebSocketLimits& limits) = 0;

    // Queues a text message on a link from any thread. Unreachable when the link is gone or
    // closing, Busy when its queue is full (the link is left alone).
    [[nodiscard]] virtual Delivery send(LinkId link, std::string_view text) = 0;

    // Has `onNotify(word)` called on the link's thread, unless the link ends before.
    virtual void notify(LinkId link, std::uint64_t word) = 0;
};

}  // namespace hub
