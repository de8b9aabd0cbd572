#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hub {

// True when only this machine can reach `address`: 127.0.0.0/8, ::1 or `localhost`.
[[nodiscard]] bool isLoopback(std::string_view address);

// Address and port as they stand in a URL (RFC 3986, 3.2): `127.0.0.1:8000`, `[::1]:8000`.
[[nodiscard]] std::string authorityOf(std::string_view address, std::uint16_t port);

}  // namespace hub
