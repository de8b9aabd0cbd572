#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hub::integration {

// A program that runs beside the test, its output read here. Killed when it goes out of scope.
class Process {
public:
    explicit Process(const std::vector<std::string>& command);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // Reads output until a line contains `text` and returns that line. Throws std::runtime_error
    // with all output when the program ends first or says nothing for a minute.
    std::string waitFor(const std::string& text);

    void signal(int number);
    // Reads the rest of the output and returns the exit code, or 128 + the signal that ended it.
    int wait();

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] const std::string& output() const { return output_; }

private:
    bool readMore();

    pid_t pid_ = -1;
    int output_fd_ = -1;
    std::string output_;
};

// The real hubd, on a free port, with its data in `folder`.
class HubProcess {
public:
    // Returns once it listens.
    explicit HubProcess(const std::filesystem::path& folder, std::vector<std::string> options = {});

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] pid_t pid() const { return process_.pid(); }

    // As `kill -9` and as a service manager would; the latter returns the exit code.
    void crash();
    int stop();

    [[nodiscard]] const std::string& output() const { return process_.output(); }

private:
    Process process_;
    std::uint16_t port_ = 0;
};

}  // namespace hub::integration
