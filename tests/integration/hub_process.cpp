#include "integration/hub_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace hub::integration {

namespace {

std::vector<std::string> hubCommand(const std::filesystem::path& folder,
                                    const std::vector<std::string>& options) {
    std::vector<std::string> command{
        HUBD_PATH, "--port", "0", "--data-dir", folder.string(), "--plugin-dir", HUB_PLUGIN_PATH};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

}  // namespace

Process::Process(const std::vector<std::string>& command) {
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
        dup2(pipe_fds[1], STDOUT_FILENO);
        dup2(pipe_fds[1], STDERR_FILENO);
        execv(arguments[0], arguments.data());
        _exit(127);
    }
    close(pipe_fds[1]);
    output_fd_ = pipe_fds[0];
}

Process::~Process() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(output_fd_);
}

std::string Process::waitFor(const std::string& text) {
    while (true) {
        const std::size_t at = output_.find(text);
        const std::size_t end = at == std::string::npos ? at : output_.find('\n', at);
        if (end != std::string::npos) {
            const std::size_t begin = output_.rfind('\n', at) + 1;
            return output_.substr(begin, end - begin);
        }
        if (!readMore()) throw std::runtime_error("no \"" + text + "\" in the output:\n" + output_);
    }
}

void Process::signal(int number) { kill(pid_, number); }

int Process::wait() {
    while (readMore()) {
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Process::readMore() {
    constexpr int kPatienceMs = 60'000;
    pollfd readable{output_fd_, POLLIN, 0};
    if (poll(&readable, 1, kPatienceMs) <= 0) return false;
    char bytes[4096];
    const ssize_t count = read(output_fd_, bytes, sizeof bytes);
    if (count <= 0) return false;
    output_.append(bytes, static_cast<std::size_t>(count));
    return true;
}

HubProcess::HubProcess(const std::filesystem::path& folder, std::vector<std::string> options)
    : process_(hubCommand(folder, options)) {
    const std::string line = process_.waitFor("listening on http://");
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
}

void HubProcess::crash() {
    process_.signal(SIGKILL);
    (void)process_.wait();
}

int HubProcess::stop() {
    process_.signal(SIGTERM);
    return process_.wait();
}

}  // namespace hub::integration
