#include "net/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace hub::net {
namespace {

constexpr std::size_t kForFiles = 64;
constexpr std::size_t kForEachThread = 4;
constexpr std::size_t kForRequests = 64;

}  // namespace

std::size_t raiseDescriptorLimit() noexcept {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const rlim_t granted = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : granted;
}

std::size_t descriptorLimit() noexcept {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

TotalLimits connectionsWithin(std::size_t descriptors, std::size_t threads) noexcept {
    const std::size_t files = std::min(kForFiles + kForEachThread * threads, descriptors / 2);
    const std::size_t connections = descriptors - files;
    return {connections, connections - std::min(kForRequests, connections / 4)};
}

}  // namespace hub::net
