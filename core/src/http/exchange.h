#pragma once

#include <memory>
#include <string_view>

#include "http/request.h"
#include "http/route_table.h"
#include "hub/http.h"
#include "hub/logger.h"

namespace hub::http {

class HttpConnection;

// One request and its answer. Shared by its connection and the worker that answers it, either of
// which may be gone first; used by one of them at a time.
struct Exchange {
    Exchange(std::string_view head, std::string_view remote_address, ByteBudget& budget,
             HttpConnection& from)
        : request(head, remote_address, budget), connection(&from) {}

    Request request;
    std::shared_ptr<Route> route;
    HttpResponse response;
    HttpConnection* connection;  // loop's thread only; null once it is gone
};

// The response to a request whose handler threw, and a log line that says what: within the catch.
[[nodiscard]] HttpResponse failed(const HttpRequest& request, Logger& logger);

// Runs the route's handler: on a worker. Whatever it does, there is a response.
void answer(Exchange& exchange, Logger& logger);

}  // namespace hub::http
