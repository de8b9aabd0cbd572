#pragma once

#include "hub/time.h"
#include "net/descriptor.h"

#include <csignal>
#include <cstdint>
#include <exception>

namespace hub::ctl {

// The call was ended from outside. No failure: whoever catches it comes to an orderly end.
class Interrupted : public std::exception {
public:
    enum class By : std::uint8_t {
        Signal,  // SIGINT (Ctrl-C) or SIGTERM
        Reader,  // nobody reads the standard output any more
    };
    explicit Interrupted(By by) : by_(by) {}

    [[nodiscard]] By by() const noexcept { return by_; }
    [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }

private:
    By by_;
};

// Waits of a call that may go on for ever, which a person ends with Ctrl-C or by leaving the pipe
// behind it (`hubctl watch | head`). As long as it lives, the signals end nothing but these waits;
// they are blocked for the thread that made it and those that it starts meanwhile.
class Interruption {
public:
    // Throws std::system_error.
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    // Waits until `descriptor` can be read; false when that is not so at the deadline. Throws
    // Interrupted.
    [[nodiscard]] bool awaitReadable(int descriptor, SteadyTime deadline) const;
    // Waits until then. Throws Interrupted.
    void sleepUntil(SteadyTime time) const;

private:
    sigset_t previous_{};  // mask of the thread
    net::Descriptor signals_;
};

}  // namespace hub::ctl
