#pragma once

#include <ostream>
#include <span>
#include <string_view>

#include "ctl/arguments.h"

namespace hub::ctl {

// What a process of hubctl returns to its caller.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;      // understood and tried, without success
inline constexpr int kUsageWrong = 2;  // not understood: nothing was tried

// One thing hubctl can do. `run` writes results to `out` and problems to `err`, returns one of the
// codes above, and may throw UsageError for what the options alone do not show.
struct Subcommand {
    Usage usage;
    int (*run)(const Arguments& arguments, std::ostream& out, std::ostream& err);
};

// Runs the subcommand that `words` (the command line without the program's name) names, or answers
// `--help` and `--version`. What is not understood is explained on `err`, with the nearest word.
[[nodiscard]] int runCommandLine(std::span<const Subcommand> subcommands, std::string_view version,
                                 std::span<const std::string_view> words, std::ostream& out,
                                 std::ostream& err);

}  // namespace hub::ctl
