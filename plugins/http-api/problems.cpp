#include "problems.h"

#include <string>
#include <utility>

namespace hub::http_api {

HttpResponse unknownDevice(std::string_view id) {
    return HttpResponse::problem(404, "No device \"" + std::string{id} +
                                          "\" is known; GET /api/devices lists those that are.");
}

HttpResponse unknownCommand(std::string_view id) {
    return HttpResponse::problem(404,
                                 "No command \"" + std::string{id} +
                                     "\" is kept; GET /api/command-logs lists those that are.");
}

HttpResponse withoutStore() {
    return HttpResponse::problem(
        503, "No store is attached, so there is no history to read: load a store plugin.");
}

HttpResponse unreadableHistory(Error error) {
    error.message = "The history cannot be read: " + error.message + ".";
    return HttpResponse::problem(error);
}

}  // namespace hub::http_api
