#pragma once

#include "net/descriptor.h"

#include <sys/types.h>

namespace hub::daemon {

// Makes two processes of one: the one in the background goes on with the start, away from the
// terminal but with its output still there; the one in the foreground waits to hear how that ends,
// so that a start which fails is seen, with its exit code.
class Background {
public:
    // Forks: before there are threads. Throws std::system_error.
    Background();

    // Which of the two this is.
    [[nodiscard]] bool inForeground() const noexcept { return child_ > 0; }

    // In the foreground: waits for the other process, a minute and a half at most. Its exit code if
    // it has ended, 0 once it serves, 1 when it is too slow, after a line on stderr.
    [[nodiscard]] int wait() const;

    // In the background: nothing more is for the terminal; the foreground may end.
    void serving();

private:
    pid_t child_ = 0;  // in the foreground
    net::Descriptor pipe_;
};

}  // namespace hub::daemon
