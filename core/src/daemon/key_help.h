#pragma once

#include "hub/options.h"

#include <span>
#include <string>
#include <string_view>

namespace hub::daemon {

// The keys of `options` for `hubd --help`, under a heading: each with its default, its meaning and
// what it may be. "" when there are none.
[[nodiscard]] std::string keyHelp(std::string_view heading, std::span<const Option> options);

}  // namespace hub::daemon
