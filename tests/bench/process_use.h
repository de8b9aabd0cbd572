#pragma once

#include <sys/types.h>

#include <cstddef>

namespace hub::bench {

// What a running process has used and holds, as the kernel counts it (proc(5)).

// User and system time since it began, in seconds, to a hundredth.
double cpuSeconds(pid_t pid);

// Memory of its own that is in use: heap, stacks, written data; without mapped files.
std::size_t anonymousBytes(pid_t pid);

}  // namespace hub::bench
