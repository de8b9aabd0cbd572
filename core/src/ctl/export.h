#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl export <id>`: the states that a device has reported, for other programs.
[[nodiscard]] Subcommand exportSubcommand();

}  // namespace hub::ctl
