#pragma once

#include "hub/http.h"

#include <string_view>

namespace hub::http {

// Whether `list`, the value of an If-None-Match field, is `*` or has the entity tag `tag` in it, by
// weak comparison (RFC 9110, 8.8.3.2). What stands behind a fault in the list is not considered.
[[nodiscard]] bool listsEntityTag(std::string_view list, std::string_view tag) noexcept;

// Makes a successful response to GET or HEAD a 304 without a body when it carries an `ETag` that
// the request's If-None-Match lists (RFC 9110, 13.1.2 and 15.4.5). Its other fields stay.
void applyPrecondition(const HttpRequest& request, HttpResponse& response);

}  // namespace hub::http
