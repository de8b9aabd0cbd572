#pragma once

#include "hub/device.h"
#include "hub/http.h"
#include "hub/result.h"

#include <optional>
#include <string>

namespace hub::http_api {

// Which devices a client wants to see: all that meet every condition it gave.
class DeviceFilter {
public:
    // Reads `type`, `tag`, `online` and `q` from the query. Error Invalid for an `online` that is
    // neither yes nor no.
    [[nodiscard]] static Result<DeviceFilter> read(const HttpRequest& request);

    [[nodiscard]] bool matches(const Device& device) const;

private:
    std::optional<std::string> type_;  // exactly this one
    std::optional<std::string> tag_;   // among its tags
    std::optional<bool> online_;
    std::string part_;  // of its id, type or a tag, without regard to ASCII case; in lower case
};

}  // namespace hub::http_api
