#include "health_routes.h"

#include "json_fields.h"

#include <string>

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

HttpResponse showLiveness(bool alive) {
    if (!alive) {
        return HttpResponse::problem(
            503, "The hub's own threads do not do their work any more: it has to be restarted.");
    }
    HttpResponse response;
    response.body = R"({"status":"alive"})";
    return response;
}

HttpResponse showReadiness(const Readiness& readiness) {
    if (readiness.ready()) {
        HttpResponse response;
        response.body = R"({"status":"ready"})";
        return response;
    }
    std::string sentence = "The hub is not ready: ";
    std::string reasons;
    for (const std::string& reason : readiness.reasons) {
        if (!reasons.empty()) {
            sentence += "; ";
            reasons += ',';
        }
        sentence += reason;
        appendJsonString(reasons, reason);
    }
    HttpResponse response = HttpResponse::problem(503, sentence + ".");
    // An extension member (RFC 9457, 3.2).
    response.body.pop_back();
    response.body.append(R"(,"reasons":[)").append(reasons).append("]}");
    return response;
}

}  // namespace hub::http_api
