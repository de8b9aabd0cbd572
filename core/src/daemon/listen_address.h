#pragma once

#include <string_view>

namespace hub::daemon {

// True when only this machine can reach `address`: 127.0.0.0/8, ::1 or `localhost`.
[[nodiscard]] bool isLoopback(std::string_view address);

}  // namespace hub::daemon
