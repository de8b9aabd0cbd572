#include "ctl/command_line.h"
#include "ctl/device_commands.h"
#include "ctl/export.h"
#include "ctl/history_commands.h"
#include "ctl/hub_commands.h"
#include "ctl/import.h"
#include "ctl/ledger_commands.h"
#include "ctl/send.h"
#include "ctl/sim.h"
#include "ctl/watch.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

namespace {

// Whether standard output is a pipe that nobody reads any more.
bool isUnread() {
    pollfd out{STDOUT_FILENO, 0, 0};
    return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace hub::ctl;
    const std::array subcommands{
        devicesSubcommand(),  deviceSubcommand(),  historySubcommand(), connectionsSubcommand(),
        stateSubcommand(),    exportSubcommand(),  watchSubcommand(),   sendSubcommand(),
        commandsSubcommand(), commandSubcommand(), cancelSubcommand(),  kickSubcommand(),
        forgetSubcommand(),   pluginsSubcommand(), logsSubcommand(),    healthSubcommand(),
        simSubcommand(),      importSubcommand(),
    };
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    const hub::SystemClock clock;
    const char* const url = std::getenv("HUBCTL_URL");
    return runCommandLine(
        subcommands, HUB_VERSION, words,
        {.in = std::cin,
         .out = std::cout,
         .err = std::cerr,
         .clock = clock,
         .interactive = ::isatty(STDIN_FILENO) != 0,
         .hub_url = url ? url : "",
         .shows_progress = ::isatty(STDERR_FILENO) != 0 && ::isatty(STDOUT_FILENO) == 0,
         .unread = isUnread});
}
