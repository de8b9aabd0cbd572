#pragma once

#include <sys/resource.h>

#include <csignal>

namespace hub::fakes {

// While it lives, this process can make files, but write nothing into them. A limit of the process
// stands for the disk, so it says EFBIG where that would say ENOSPC.
class FullDisk {
public:
    FullDisk() {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit full{0, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &full);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
    void (*const handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

}  // namespace hub::fakes
