#include "problems.h"

#include "json_fields.h"

#include <string>
#include <utility>

namespace hub::http_api {

namespace {

// With the extension member (RFC 9457, 3.2) by which a client tells what it was that is not there.
HttpResponse unknown(std::string_view what, std::string sentence) {
    HttpResponse response =
        HttpResponse::problem(Error{Error::Kind::NotFound, std::move(sentence)});
    response.body.pop_back();
    appendTextField(response.body, "unknown", what);
    response.body += '}';
    return response;
}

}  // namespace

HttpResponse unknownDevice(std::string_view id) {
    return unknown("device", "No device \"" + std::string{id} +
                                 "\" is known; GET /api/devices lists those that are.");
}

HttpResponse unknownTarget(const Error& error) { return unknown("device", error.message); }

HttpResponse unknownCommand(std::string_view id) {
    return unknown("command", "No command \"" + std::string{id} +
                                  "\" is kept; GET /api/command-logs lists those that are.");
}

HttpResponse withoutStore() {
    return HttpResponse::problem(
        503, "No store is attached, so there is no history to read: load a store plugin.");
}

HttpResponse unreadableHistory(Error error) {
    error.message.insert(0, "The history cannot be read: ");
    return HttpResponse::problem(error);
}

}  // namespace hub::http_api
