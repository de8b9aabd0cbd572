#pragma once

#include "hub/options.h"

#include <cstddef>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {

// What a subcommand accepts: its parser and its help both come from here. Borrows everything.
struct Usage {
    std::string_view name;                       // `sim`
    std::string_view summary;                    // one sentence
    std::span<const Option> options;             // their names without the leading `--`
    std::span<const std::string_view> examples;  // whole command lines
    std::string_view operands = {};  // the words beside its options: `<id>`, `<id> [filter]`
    std::string_view details = {};   // what its own help says behind the summary
    bool asks_hub = true;            // so its exit codes are those of a call that does
};

// A call that does not follow the usage. The message names the offending word and what would be
// right.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The arguments of one call, checked: a value for every option, which ones the user wrote, and the
// operands, none of them empty: as many as the usage needs, and at most as many as it has.
struct Arguments {
    Options options;
    std::set<std::string, std::less<>> given;
    std::vector<std::string> operands;

    // "" for one that may be absent, and is.
    [[nodiscard]] std::string operand(std::size_t index = 0) const {
        return index < operands.size() ? operands[index] : std::string();
    }
};

// Reads `--name value`, `--name=value` and, for a Flag, `--name` alone; of a repeated option the
// last value counts. Any other word is an operand, `-` too, and what follows `--` is no option.
// Throws UsageError.
[[nodiscard]] Arguments parseArguments(const Usage& usage, std::span<const std::string_view> words);

// What the exit codes mean, one line each, indented; of a call that asks a hub, or one that does
// not.
[[nodiscard]] std::string exitCodesText(bool asks_hub);

// What `--help` prints for a subcommand, lines at most 80 characters wide where words allow it.
[[nodiscard]] std::string helpText(const Usage& usage);

}  // namespace hub::ctl
