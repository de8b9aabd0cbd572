#include "daemon/background.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <system_error>

namespace hub::daemon {
namespace {

constexpr int kPatienceMs = 90'000;

void connectToNothing(int descriptor) {
    const net::Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup2(nothing.value(), descriptor);
}

int exitCodeOf(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Background::Background() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "cannot go into the background");
    }
    net::Descriptor read_end(ends[0]);
    net::Descriptor write_end(ends[1]);
    child_ = ::fork();
    if (child_ < 0) {
        throw std::system_error(errno, std::generic_category(), "cannot go into the background");
    }
    if (inForeground()) {
        pipe_ = std::move(read_end);
        return;
    }
    pipe_ = std::move(write_end);
    ::setsid();
    connectToNothing(STDIN_FILENO);
    if (::chdir("/") != 0) {  // so that no file system is kept busy by a folder nobody uses
        throw std::system_error(errno, std::generic_category(), "cannot change to /");
    }
}

int Background::wait() const {
    pollfd told{pipe_.value(), POLLIN, 0};
    if (::poll(&told, 1, kPatienceMs) != 1) {
        std::cerr << "hubd: still starting, as process " << child_ << "; not waiting any longer\n";
        return 1;
    }
    char word = 0;
    return ::read(pipe_.value(), &word, 1) == 1 ? 0 : exitCodeOf(child_);
}

void Background::serving() {
    connectToNothing(STDOUT_FILENO);
    connectToNothing(STDERR_FILENO);
    const char word = '1';
    static_cast<void>(::write(pipe_.value(), &word, 1));  // the foreground may have been ended
    pipe_ = net::Descriptor();
}

}  // namespace hub::daemon
