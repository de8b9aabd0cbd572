#pragma once

#include "net/descriptor.h"

#include <filesystem>

namespace hub::daemon {

// A file that holds the number of this process, for whoever wants to signal it; locked (flock(2))
// while it is ours, and removed at the end unless it has become another one's.
class PidFile {
public:
    // Writes it, over the number of a process that was killed, and over nothing else. Throws
    // std::runtime_error with a sentence that names it: held by another process (and which), not to
    // be written, no regular file, or one with something else in it.
    explicit PidFile(std::filesystem::path file);
    ~PidFile();
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;

private:
    // Constant after construction.
    const std::filesystem::path file_;
    net::Descriptor lock_;
};

}  // namespace hub::daemon
