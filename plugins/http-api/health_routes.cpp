#include "health_routes.h"

#include "json_fields.h"

namespace hub::http_api {

HttpResponse showHealth(Timestamp now, std::string_view version) {
    HttpResponse response;
    response.body = R"({"status":"ok")";
    appendTimeField(response.body, "timestamp", now);
    response.body += R"(,"app":"hub","version":)";
    appendJsonString(response.body, version);
    response.body += '}';
    return response;
}

HttpResponse showReadiness(const Readiness& readiness) {
    if (!readiness.ready) {
        return HttpResponse::problem(503, "The hub is not ready: " + readiness.reason + ".");
    }
    HttpResponse response;
    response.body = R"({"status":"ready"})";
    return response;
}

}  // namespace hub::http_api
