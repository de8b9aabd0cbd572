#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl send <target> <name> [payload]`: has devices do something, and tells how it went.
[[nodiscard]] Subcommand sendSubcommand();

}  // namespace hub::ctl
