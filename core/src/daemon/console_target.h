#pragma once

#include "daemon/log_format.h"
#include "daemon/log_target.h"

namespace hub::daemon {

// Writes the log to a terminal, a pipe or whatever stands behind a descriptor. A reader that does
// not read delays a thread by a fraction of a second once, and then loses lines.
class ConsoleTarget final : public LogTarget {
public:
    // `descriptor` must stay open.
    ConsoleTarget(int descriptor, LogFormat format) : descriptor_(descriptor), format_(format) {}

private:
    [[nodiscard]] bool put(const LogLine& line) override;
    [[nodiscard]] bool writable() const;

    // Constant after construction.
    const int descriptor_;
    const LogFormat format_;
};

}  // namespace hub::daemon
