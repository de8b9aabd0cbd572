#include "daemon/console_target.h"

#include <poll.h>
#include <unistd.h>

#include <string>

namespace hub::daemon {

bool ConsoleTarget::put(const LogLine& line) {
    const std::string text = formatLine(line, format_);
    return writable() && ::write(descriptor_, text.data(), text.size()) > 0;
}

bool ConsoleTarget::writable() const {
    constexpr int kPatienceMs = 100;
    pollfd wanted{descriptor_, POLLOUT, 0};
    return ::poll(&wanted, 1, losing() ? 0 : kPatienceMs) == 1;
}

}  // namespace hub::daemon
