#pragma once

#include "hub/http.h"
#include "hub/time.h"

#include <chrono>
#include <string>
#include <string_view>

namespace hub::http {

// What a response's head depends on besides the response.
struct ResponseFraming {
    bool keep_alive = false;  // another request may follow
    bool http_1_0 = false;    // where keeping alive must be said, and chunks are not known
    bool streamed = false;    // the body's length is not known
    // Fetch standard, 3.2.3: the origin whose pages may read the response, or "".
    std::string_view allowed_origin;
    bool varies_by_origin = false;  // to another origin the answer would be another
};

// The head of a response with the empty line behind it (RFC 9112, 4). `date` as HttpDate gives it.
// Nothing in `response` can break out of its field: control characters become spaces, fields whose
// names are not tokens are left out, and so are those that belong to the hub.
[[nodiscard]] std::string responseHead(const HttpResponse& response, const ResponseFraming& framing,
                                       std::string_view date);

// Whether a response with this status has a body at all (RFC 9110, 6.4.1).
[[nodiscard]] bool mayHaveBody(int status) noexcept;

// The time in the form of the Date field (RFC 9110, 5.6.7), formatted once a second.
class HttpDate {
public:
    // `Mon, 23 Nov 2026 16:40:03 GMT`; valid until the next call.
    [[nodiscard]] std::string_view at(Timestamp time);

private:
    std::chrono::sys_seconds second_{std::chrono::seconds::min()};
    std::string text_;
};

}  // namespace hub::http
