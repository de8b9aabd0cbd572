#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl import <old-file>`: takes over the database of the earlier system.
[[nodiscard]] Subcommand importSubcommand();

}  // namespace hub::ctl
