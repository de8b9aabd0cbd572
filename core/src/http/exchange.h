#pragma once

#include "http/body_stream.h"
#include "http/request.h"
#include "http/route_table.h"
#include "hub/http.h"
#include "hub/logger.h"
#include "hub/time.h"

#include <memory>
#include <string>
#include <string_view>

namespace hub::http {

class HttpConnection;

// One request and its answer. Shared by its connection and the worker that answers it, either of
// which may be gone first; used by one of them at a time.
struct Exchange {
    Exchange(std::string_view head, std::string_view remote_address, ByteBudget& budget,
             HttpConnection& from)
        : request(head, remote_address, budget), connection(&from) {}
    ~Exchange() {
        if (stream) stream->abandon();
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    Request request;
    SteadyTime begun{};  // when the head had come
    std::shared_ptr<Route> route;
    HttpResponse response;
    bool streamed = false;               // the body's length is not known
    std::shared_ptr<BodyStream> stream;  // null for HEAD
    HttpConnection* connection;          // loop's thread only; null once it is gone
};

// Logs what a handler or stream has thrown: within the catch. `what` is the request, `GET /health`.
void logFailure(std::string_view what, Logger& logger);

// The response to a request whose handler threw, and a log line that says what: within the catch.
[[nodiscard]] HttpResponse failed(const HttpRequest& request, Logger& logger);

// Runs the route's handler: on a worker. Whatever it does, there is a response. What it has to
// stream is for `loop`, the connection's.
void answer(Exchange& exchange, net::Loop& loop, HttpSurroundings& surroundings);

}  // namespace hub::http
