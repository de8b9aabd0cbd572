#pragma once

#include <stdexcept>
#include <string>

namespace hub::daemon {

// What hubd's exit code says.
enum class ExitStatus : int {
    Stopped = 0,        // on request
    Other = 1,          // something that has no number of its own
    Usage = 2,          // the command line cannot be understood
    Configuration = 3,  // unknown key or bad value
    CannotBind = 4,     // the port cannot be listened on
    StoreUnusable = 5,  // the data folder or the store cannot be used
    PluginRefused = 6,  // a required plugin cannot be loaded or started
};

// Why the hub does not start: one sentence, and the exit code that tells it.
class StartFailure : public std::runtime_error {
public:
    StartFailure(ExitStatus status, const std::string& sentence)
        : std::runtime_error(sentence), status_(status) {}
    [[nodiscard]] ExitStatus status() const noexcept { return status_; }

private:
    ExitStatus status_;
};

}  // namespace hub::daemon
