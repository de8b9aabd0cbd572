#pragma once

#include "net/descriptor.h"

#include <filesystem>

namespace hub::daemon {

// The folder for everything a hub keeps, held for one process alone: a second hub on it is refused.
// The kernel gives it free when the process ends, however it ends.
class DataDirectory {
public:
    // Makes the folder where it is missing and takes it. Throws std::runtime_error with a sentence
    // that names the folder: held by another hub (and which), or not to be made or written.
    explicit DataDirectory(const std::filesystem::path& path);

private:
    net::Descriptor lock_;
};

}  // namespace hub::daemon
