#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl sim`: simulated devices for a hub.
[[nodiscard]] Subcommand simSubcommand();

}  // namespace hub::ctl
