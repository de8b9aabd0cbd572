#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl devices`: who is known, and who is online.
[[nodiscard]] Subcommand devicesSubcommand();

// `hubctl device <id>`: all that is known of one.
[[nodiscard]] Subcommand deviceSubcommand();

// `hubctl kick <id>`: closes a device's link.
[[nodiscard]] Subcommand kickSubcommand();

// `hubctl forget <id>`: deletes a device and its history.
[[nodiscard]] Subcommand forgetSubcommand();

}  // namespace hub::ctl
