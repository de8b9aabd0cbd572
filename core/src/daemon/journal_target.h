#pragma once

#include "daemon/log_target.h"
#include "net/descriptor.h"

#include <sys/un.h>

#include <filesystem>
#include <string>

namespace hub::daemon {

inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

// Writes the log to the systemd journal in its native protocol (systemd's JOURNAL_NATIVE_PROTOCOL):
// one datagram a line, with the fields MESSAGE, PRIORITY, SYSLOG_IDENTIFIER and HUB_LOGGER. A
// journal that is busy or away for a while loses lines and holds up nobody.
class JournalTarget final : public LogTarget {
public:
    // Throws std::runtime_error with a sentence when nobody listens at `socket`.
    explicit JournalTarget(const std::filesystem::path& socket = kJournalSocket);

private:
    [[nodiscard]] bool put(const LogLine& line) override;

    // Constant after construction.
    sockaddr_un address_{};
    net::Descriptor socket_;
};

}  // namespace hub::daemon
