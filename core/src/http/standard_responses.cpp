#include "http/standard_responses.h"

#include <string>
#include <utility>

namespace hub::http {
namespace {

HttpResponse withHeader(HttpResponse response, std::string name, std::string value) {
    response.headers.emplace_back(std::move(name), std::move(value));
    return response;
}

HttpResponse noContent() {
    HttpResponse response;
    response.status = 204;
    return response;
}

HttpResponse wrongMethod(const HttpRequest& request, const std::string& allow) {
    return withHeader(
        HttpResponse::problem(405, std::string(request.path()) + " answers " + allow + " only."),
        "Allow", allow);
}

// WebSocket is the one protocol that is upgraded to (RFC 9110, 15.5.22).
HttpResponse upgradeRequired(const HttpRequest& request) {
    return withHeader(
        HttpResponse::problem(426, std::string(request.path()) + " is for WebSocket only."),
        "Upgrade", "websocket");
}

HttpResponse options(const HttpRequest& request, const std::string& allow, const Origins& origins) {
    HttpResponse response = withHeader(noContent(), "Allow", allow);
    const auto origin = request.header("origin");
    if (!origin || !request.header("access-control-request-method")) return response;
    if (!origins.allows(*origin)) return response;
    response.headers.emplace_back("Access-Control-Allow-Methods", allow);
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID");
    response.headers.emplace_back("Access-Control-Max-Age", "600");  // seconds
    return response;
}

}  // namespace

HttpResponse foreignOrigin(const HttpRequest& request, std::string_view rule) {
    std::string detail = "A page from ";
    detail.append(request.header("origin").value_or("")).append(" ").append(rule);
    return HttpResponse::problem(403, detail += ": hub.origins does not name it.");
}

HttpResponse notFound(const HttpRequest& request) {
    return HttpResponse::problem(404, "There is nothing at " + std::string(request.path()) + ".");
}

HttpResponse tooLarge(std::size_t limit) {
    return HttpResponse::problem(413,
                                 "The body is longer than " + std::to_string(limit) + " bytes.");
}

HttpResponse busy(std::string_view detail) {
    return withHeader(HttpResponse::problem(503, detail), "Retry-After", "1");
}

HttpResponse removed() { return busy("What answers here has just been stopped."); }

HttpResponse turnedAway(net::Refusals::Reason reason) {
    using Reason = net::Refusals::Reason;
    const auto refusal = [](int status, std::string_view detail, const char* seconds) {
        return withHeader(HttpResponse::problem(status, detail), "Retry-After", seconds);
    };
    switch (reason) {
        case Reason::AddressRate:
            return refusal(429, "Too many new connections from this address.", "2");
        case Reason::AddressLinks:
            return refusal(503, "Too many connections from this address.", "10");
        case Reason::AddressUnregistered:
            return refusal(429, "Too many links from this address have not registered yet.", "10");
        case Reason::Reserve:
        case Reason::Descriptors:
            break;
    }
    return refusal(503, "The hub has as many connections as it can.", "10");
}

HttpResponse unrouted(const HttpRequest& request, const RouteMatch& match, const Origins& origins) {
    const bool asks_options = request.method() == "OPTIONS";
    switch (match.kind) {
        case RouteMatch::Kind::UpgradeRequired:
            if (asks_options) return options(request, "GET, OPTIONS", origins);
            return upgradeRequired(request);
        case RouteMatch::Kind::WrongMethod:
            if (asks_options) return options(request, match.allow + ", OPTIONS", origins);
            return wrongMethod(request, match.allow + ", OPTIONS");
        case RouteMatch::Kind::NotFound:
        case RouteMatch::Kind::Found:
            break;
    }
    // `OPTIONS *` asks about the hub as a whole.
    return request.path() == "*" ? noContent() : notFound(request);
}

}  // namespace hub::http
