#pragma once

#include "hub/logger.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub::daemon {

enum class LogFormat : std::uint8_t {
    Text,  // 2026-11-23T16:40:03.120Z info ws-transport: listening
    Json,  // {"time":"2026-11-23T16:40:03.120345Z","level":"info","logger":...,"message":...}
};

// No line is longer, its end included. A pipe that poll calls writable takes so many bytes
// (PIPE_BUF) at once without blocking.
inline constexpr std::size_t kMaxLogLine = 4096;

// The line as it is written, with `\n` behind it. What does not fit is cut from the message.
[[nodiscard]] std::string formatLine(const LogLine& line, LogFormat format);

// Whether a file that begins with `text` may be a log of ours, in either format.
[[nodiscard]] bool beginsLikeLog(std::string_view text) noexcept;

// `message` as one line: control characters are escaped, so that no message can break or fake a
// line, and what is longer than a few kilobytes is cut.
[[nodiscard]] std::string oneLine(std::string_view message);

}  // namespace hub::daemon
