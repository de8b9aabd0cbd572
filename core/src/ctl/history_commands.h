#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl history <id>`: the states a device has reported.
[[nodiscard]] Subcommand historySubcommand();

// `hubctl connections <id>`: when it came and went, and why.
[[nodiscard]] Subcommand connectionsSubcommand();

// `hubctl state <id>`: its latest state, or that of a time past.
[[nodiscard]] Subcommand stateSubcommand();

}  // namespace hub::ctl
