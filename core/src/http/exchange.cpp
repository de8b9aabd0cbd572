#include "http/exchange.h"

#include "http/conditional.h"
#include "http/http_surroundings.h"
#include "http/response_head.h"
#include "http/standard_responses.h"

#include <exception>
#include <stdexcept>
#include <utility>

namespace hub::http {
namespace {

std::string nameOf(const HttpRequest& request) {
    return std::string(request.method()).append(" ").append(request.path());
}

HttpResponse call(const Exchange& exchange, Logger& logger) {
    const Request& request = exchange.request;
    try {
        HttpResponse response = std::get<HttpHandler>(exchange.route->target)(request);
        if (response.status < 200 || response.status > 599) {
            throw std::range_error("status " + std::to_string(response.status) +
                                   " is not 200 to 599");
        }
        applyPrecondition(request, response);
        return response;
    } catch (...) {
        return failed(request, logger);
    }
}

}  // namespace

void logFailure(std::string_view what, Logger& logger) {
    std::string line(what);
    line += " failed: ";
    try {
        throw;
    } catch (const std::exception& error) {
        line += error.what();
    } catch (...) {
        line += "an exception that is no std::exception";
    }
    logger.error(line);
}

HttpResponse failed(const HttpRequest& request, Logger& logger) {
    logFailure(nameOf(request), logger);
    return HttpResponse::problem(500, "The hub failed to answer this request; its log says why.");
}

void answer(Exchange& exchange, net::Loop& loop, HttpSurroundings& surroundings) {
    const auto inside = exchange.route->gate.enter();
    if (!inside) {
        exchange.response = removed();
        return;
    }
    exchange.response = call(exchange, surroundings.logger);
    // One that nobody is to read goes here, within the gate.
    const std::shared_ptr<HttpStream> body = std::move(exchange.response.stream);
    exchange.streamed = body != nullptr;
    if (!body || exchange.request.method() == "HEAD" || !mayHaveBody(exchange.response.status)) {
        return;
    }
    exchange.stream = std::make_shared<BodyStream>(nameOf(exchange.request), body, exchange.route,
                                                   loop, surroundings);
    exchange.route->streams.add(exchange.stream);
}

}  // namespace hub::http
