#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl commands`: what was asked of devices, newest first.
[[nodiscard]] Subcommand commandsSubcommand();

// `hubctl command <id>`: one of them, and how it went with each device.
[[nodiscard]] Subcommand commandSubcommand();

// `hubctl cancel <id>`: takes back what is still open of one.
[[nodiscard]] Subcommand cancelSubcommand();

}  // namespace hub::ctl
