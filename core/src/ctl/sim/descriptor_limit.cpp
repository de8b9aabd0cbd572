#include "ctl/sim/descriptor_limit.h"

#include <sys/resource.h>

#include <string>

namespace hub::sim {

Result<void> raiseDescriptorLimit(std::size_t devices) {
    // Standard streams, epoll, signals, name service.
    constexpr std::size_t kOthers = 16;

    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= devices + kOthers) return {};
    return Error{Error::Kind::Unavailable,
                 std::to_string(devices) + " devices need " + std::to_string(devices + kOthers) +
                     " file descriptors, and this process may have " +
                     std::to_string(limit.rlim_max) +
                     ": simulate fewer, or raise the hard limit (ulimit -Hn)"};
}

}  // namespace hub::sim
