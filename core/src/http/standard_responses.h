#pragma once

#include "http/origins.h"
#include "http/route_table.h"
#include "hub/http.h"
#include "net/refusals.h"

#include <cstddef>
#include <string_view>

namespace hub::http {

// What the front door answers by itself.

// 403: `rule` says what a page that hub.origins does not name may not do.
[[nodiscard]] HttpResponse foreignOrigin(const HttpRequest& request, std::string_view rule);
[[nodiscard]] HttpResponse notFound(const HttpRequest& request);  // 404
[[nodiscard]] HttpResponse tooLarge(std::size_t limit);           // 413
[[nodiscard]] HttpResponse busy(std::string_view detail);         // 503
// 503, to who came while there was a route: it is not the resource that is missing.
[[nodiscard]] HttpResponse removed();

// To whom the hub turns away: 429 when one address is the cause of haste, 503 when there is no
// room.
[[nodiscard]] HttpResponse turnedAway(net::Refusals::Reason reason);

// To a request that no route takes: 404, 405, 426, or what OPTIONS asks for (RFC 9110, 9.3.7), be
// it a browser's question before it sends what a page of another origin wants it to send (Fetch
// standard, 3.2.2).
[[nodiscard]] HttpResponse unrouted(const HttpRequest& request, const RouteMatch& match,
                                    const Origins& origins);

}  // namespace hub::http
