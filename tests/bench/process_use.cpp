#include "bench/process_use.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace hub::bench {

double cpuSeconds(pid_t pid) {
    // Fields 14 and 15; the second one, in parentheses, may contain spaces.
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::size_t anonymousBytes(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    std::string word;
    std::size_t kilobytes = 0;
    while (file >> word) {
        if (word == "Anonymous:" && file >> kilobytes) return kilobytes * 1024;
    }
    throw std::runtime_error("cannot read the memory use of process " + std::to_string(pid));
}

}  // namespace hub::bench
