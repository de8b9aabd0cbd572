#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace hub {

// Makes this process ready to serve; before any thread is started. Stop signals (INT, QUIT, TERM)
// wait until somebody asks for them, SIGPIPE is ignored, and the soft limit of open files is raised
// to the hard one.
void prepareProcess();

// The program this process runs: absolute, links resolved.
[[nodiscard]] std::filesystem::path executablePath();

// All environment variables by name.
[[nodiscard]] std::map<std::string, std::string> environmentVariables();

}  // namespace hub
