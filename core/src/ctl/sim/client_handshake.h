#pragma once

#include "hub/result.h"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace hub::ctl::sim {

// The longest head of an answer that is read.
inline constexpr std::size_t kMaxHandshakeAnswer = 8 * 1024;

// A `Sec-WebSocket-Key` (RFC 6455, 4.1) of 16 random bytes.
[[nodiscard]] std::string handshakeKey(std::mt19937& random);

// The request that opens a link as `device_id`, in the form the firmwares' library gives it.
[[nodiscard]] std::string handshakeRequest(std::string_view authority, std::string_view device_id,
                                           std::string_view key);

// Judges what has come of the hub's answer (RFC 6455, 4.1). The length of its head when it accepts;
// 0 when more is needed; an error for anything else.
[[nodiscard]] Result<std::size_t> readHandshakeAnswer(std::string_view bytes, std::string_view key);

}  // namespace hub::ctl::sim
