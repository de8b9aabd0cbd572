#pragma once

#include "ctl/arguments.h"
#include "ctl/rest_client.h"

#include <istream>
#include <string>
#include <string_view>

namespace hub::ctl {

// For whom a command is, as a person writes it: `lamp`, `id:lamp`, `type:esp32`, `tag:hall`, `all`.
struct SendTarget {
    std::string_view member;  // of the request: `device_id`, `device_type`, `tag`, `all`
    std::string_view word;    // which one; "" for all
};

// A word without one of the prefixes is an id. `id:` lets an id be one that looks like something
// else. Throws UsageError for a prefix without a word.
[[nodiscard]] SendTarget parseSendTarget(std::string_view text);

// What `hubctl send` asks the hub for.
struct SendRequest {
    std::string body;    // JSON
    Headers headers;     // the key, if any
    std::string filter;  // of the topics under which the hub tells of the command's progress
};

// Reads the operands `<target> <name> [payload]` and the options of a call; `in` is what a payload
// `-` comes from. Throws UsageError, and std::runtime_error for a file that cannot be read.
[[nodiscard]] SendRequest readSendRequest(const Arguments& arguments, std::istream& in);

}  // namespace hub::ctl
