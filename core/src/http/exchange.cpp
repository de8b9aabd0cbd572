#include "http/exchange.h"

#include <exception>
#include <stdexcept>
#include <string>

namespace hub::http {
namespace {

HttpResponse call(const Exchange& exchange, Logger& logger) {
    const Request& request = exchange.request;
    const auto inside = exchange.route->gate.enter();
    if (!inside) return HttpResponse::problem(404, "This route has just been removed.");
    try {
        HttpResponse response = std::get<HttpHandler>(exchange.route->target)(request);
        if (response.status >= 200 && response.status <= 599) return response;
        throw std::range_error("status " + std::to_string(response.status) + " is not 200 to 599");
    } catch (...) {
        return failed(request, logger);
    }
}

}  // namespace

HttpResponse failed(const HttpRequest& request, Logger& logger) {
    std::string line(request.method());
    line += ' ';
    line += request.path();
    line += " failed: ";
    try {
        throw;
    } catch (const std::exception& error) {
        line += error.what();
    } catch (...) {
        line += "an exception that is no std::exception";
    }
    logger.error(line);
    return HttpResponse::problem(500, "The hub failed to answer this request; its log says why.");
}

void answer(Exchange& exchange, Logger& logger) { exchange.response = call(exchange, logger); }

}  // namespace hub::http
