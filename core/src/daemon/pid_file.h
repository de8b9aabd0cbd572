#pragma once

#include <filesystem>

namespace hub::daemon {

// A file that holds the number of this process, for whoever wants to signal it; removed at the end.
class PidFile {
public:
    // Writes it, over what a process that was killed may have left. Throws std::runtime_error with
    // a sentence that names it.
    explicit PidFile(std::filesystem::path file);
    ~PidFile();
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;

private:
    const std::filesystem::path file_;
};

}  // namespace hub::daemon
