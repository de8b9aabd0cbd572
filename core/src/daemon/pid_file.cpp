#include "daemon/pid_file.h"

#include "net/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace hub::daemon {

PidFile::PidFile(std::filesystem::path file) : file_(std::move(file)) {
    const net::Descriptor opened(
        ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0644));
    const std::string number = std::to_string(::getpid()) + "\n";
    if (opened.value() < 0 || ::write(opened.value(), number.data(), number.size()) < 0) {
        throw std::runtime_error("cannot write the file with the process number " + file_.string() +
                                 ": " + std::generic_category().message(errno) +
                                 " (choose it with --pidfile)");
    }
}

PidFile::~PidFile() {
    std::error_code ignored;  // somebody else has removed it
    std::filesystem::remove(file_, ignored);
}

}  // namespace hub::daemon
