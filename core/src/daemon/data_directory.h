#pragma once

#include "net/descriptor.h"

#include <filesystem>
#include <string_view>

namespace hub::daemon {

// The folder for everything a hub keeps, held for one process alone: a second hub on it is refused.
// The kernel gives it free when the process ends, however it ends.
class DataDirectory {
public:
    // What is locked, a file in the folder.
    static constexpr std::string_view kLockFile = "hubd.lock";

    // Makes the folder where it is missing and takes it. Throws std::runtime_error with a sentence
    // that names the folder: held by another hub (and which), or not to be made, or
    // no file to be made in it.
    explicit DataDirectory(const std::filesystem::path& path);

private:
    net::Descriptor lock_;
};

}  // namespace hub::daemon
