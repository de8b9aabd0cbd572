#pragma once

#include "hub/api.h"
#include "hub/registration.h"
#include "hub/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

// One HTTP request, complete and checked (RFC 9110, RFC 9112). Valid during the handler's call.
class HUB_API HttpRequest {
public:
    virtual ~HttpRequest();

    [[nodiscard]] virtual std::string_view method() const noexcept = 0;
    // Percent-decoded, without the query: `/api/devices/weather-1`.
    [[nodiscard]] virtual std::string_view path() const noexcept = 0;
    // What stood for `{name}` in the route's pattern, percent-decoded; "" for a name it has not.
    [[nodiscard]] virtual std::string_view parameter(std::string_view name) const noexcept = 0;
    // The first value of `name` in the query, percent-decoded, `+` as a space.
    [[nodiscard]] virtual std::optional<std::string_view> query(
        std::string_view name) const noexcept = 0;
    // The value of a header, its name in any case, repeated ones joined with ", "; nothing when
    // absent.
    [[nodiscard]] virtual std::optional<std::string_view> header(
        std::string_view name) const noexcept = 0;
    [[nodiscard]] virtual std::string_view body() const noexcept = 0;
    // Of the peer, `192.0.2.7:50312`.
    [[nodiscard]] virtual std::string_view remoteAddress() const noexcept = 0;
};

// The body of a response that is made while it is sent: a live feed, a large export. The hub asks
// for the next piece only when the client has taken most of the last one, so a reader that is slow
// holds up nobody and costs a bounded amount of memory; one that does not read at all is cut off.
//
// A client that has finished sending is sent the stream all the same, but given up when a minute
// passes without a piece: nothing but sending tells whether it is still there.
//
// Sent with chunked coding, or to its end where the client speaks HTTP/1.0. Destroyed when the
// client is gone, the last piece is sent or the route is removed, on any thread, but never while
// `read` runs.
class HUB_API HttpStream {
public:
    enum class State : std::uint8_t {
        More,     // ask again as soon as there is room
        Waiting,  // nothing more just now: ask again after `wake`
        End,      // that was all
        Failed,   // it cannot be completed: the connection is cut, so that the client can tell
    };

    virtual ~HttpStream();

    // Called once, before the first `read`. `wake` may be called from any thread and at any time,
    // also after the stream was destroyed; it only notifies.
    virtual void begin(std::function<void()> wake) = 0;

    // Appends the next piece to `piece`: some kilobytes, not many times `room`. On a worker thread,
    // one call at a time; may block for a while, as on a database. An exception is a Failed and a
    // log line.
    [[nodiscard]] virtual State read(std::string& piece, std::size_t room) = 0;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;  // beyond those the hub sets itself
    std::shared_ptr<HttpStream> stream;  // if set, the body comes from it, and `body` is not sent

    // An RFC 9457 problem document: `title` is the status in words, `detail` a sentence that says
    // what is wrong and what would be right.
    [[nodiscard]] HUB_API static HttpResponse problem(int status, std::string_view detail);
    // The same, with the status that fits the error's kind: Invalid 422, NotFound 404, Refused 409,
    // Unavailable 503; `detail` is its message, made to begin and to end as a sentence does.
    [[nodiscard]] HUB_API static HttpResponse problem(const Error& error);
};

// The status in words, `Not Found` (RFC 9110, 15 and RFC 6585); "" for one it does not know.
[[nodiscard]] HUB_API std::string_view statusTitle(int status) noexcept;

// A strong entity tag for `body` (RFC 9110, 8.8.3), quotes included: other bytes, another tag. A
// response that carries one in its header `ETag` is answered 304 without its body when the request
// shows that the client has it already (If-None-Match).
[[nodiscard]] HUB_API std::string entityTagOf(std::string_view body);

// Appends `text` to `json` as a JSON string, quotes included. What is not valid UTF-8 becomes
// U+FFFD.
HUB_API void appendJsonString(std::string& json, std::string_view text);

// Answers one request. Called on a worker thread, several at a time; may block for a while, as on a
// database. An exception becomes a 500 and a log line.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// The hub's REST front: routes on its one port. Any thread.
class HUB_API HttpRoutes {
public:
    virtual ~HttpRoutes();

    // Answers `method` on paths that match `pattern`: literal segments and `{name}` for one whole
    // segment, as in `/api/devices/{id}`. A GET answers HEAD too. A path under `/api/` also answers
    // without that prefix.
    // Throws std::invalid_argument for a bad pattern, std::logic_error for one already taken.
    [[nodiscard]] virtual Registration route(std::string_view method, std::string_view pattern,
                                             HttpHandler handler) = 0;

    // A GET route for a handler that returns at once, as a question after the hub's health: it runs
    // on a worker that no other route uses, with a queue of its own, so it is answered also while
    // all others wait for the database. Never blocks, on a store least of all: that would hold up
    // the other probes. Otherwise as `route`.
    [[nodiscard]] virtual Registration probe(std::string_view pattern, HttpHandler handler) = 0;
};

}  // namespace hub
