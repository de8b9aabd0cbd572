#pragma once

#include "ctl/arguments.h"
#include "hub/time.h"

#include <istream>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hub::ctl {

// What a process of hubctl returns to its caller.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;       // understood and tried, without success
inline constexpr int kUsageWrong = 2;   // not understood: nothing was tried
inline constexpr int kUnreachable = 3;  // no hub answers
inline constexpr int kInterrupted =
    130;  // before its end, by a signal: as shells say it for Ctrl-C

// What a call sees of the world around it. Borrows everything.
struct Environment {
    std::istream& in;
    std::ostream& out;  // results
    std::ostream& err;  // problems
    const Clock& clock;
    bool interactive = false;  // a person sits at `in`
    std::string hub_url = {};  // of the hub to ask when the call does not say; empty: the usual one
    bool shows_progress = false;  // a person sees `err`, and does not see `out`
    bool (*unread)() = nullptr;   // whether whoever read `out` has gone, such as `head`
};

// No hub answers where one was expected. The message is a whole sentence.
class HubUnreachable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    HubUnreachable(const std::string& url, const std::string& why)
        : std::runtime_error("no hub answers at " + url + " (" + why +
                             "). Is hubd running? Give another address with --url.") {}
};

// One thing hubctl can do. `run` returns one of the codes above. It may throw UsageError for what
// the options alone do not show, HubUnreachable, and any other exception for a failure.
struct Subcommand {
    Usage usage;
    int (*run)(const Arguments& arguments, const Environment& environment);
};

// Runs the subcommand that `words` (the command line without the program's name) names, or answers
// `--help` and `--version`. What is not understood or fails is explained on `err`, in one line.
[[nodiscard]] int runCommandLine(std::span<const Subcommand> subcommands, std::string_view version,
                                 std::span<const std::string_view> words,
                                 const Environment& environment);

}  // namespace hub::ctl
