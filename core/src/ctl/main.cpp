#include <array>
#include <iostream>
#include <string_view>
#include <vector>

#include "ctl/command_line.h"
#include "ctl/sim.h"

int main(int argc, char** argv) {
    const std::array subcommands{hub::ctl::simSubcommand()};
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    return hub::ctl::runCommandLine(subcommands, HUB_VERSION, words, std::cout, std::cerr);
}
