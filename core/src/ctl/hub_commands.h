#pragma once

#include "ctl/command_line.h"

namespace hub::ctl {

// `hubctl health`: whether the hub is ready, and why not; the exit code says it too.
[[nodiscard]] Subcommand healthSubcommand();

// `hubctl plugins`: what is loaded, and how it is.
[[nodiscard]] Subcommand pluginsSubcommand();

// `hubctl logs`: the newest lines of the hub's log.
[[nodiscard]] Subcommand logsSubcommand();

}  // namespace hub::ctl
