#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl watch [filter]`: what happens, as it happens.
[[nodiscard]] Subcommand watchSubcommand();

}  // namespace hub::ctl
