#pragma once

#include "daemon/log_format.h"
#include "daemon/log_target.h"
#include "net/descriptor.h"

#include <cstddef>
#include <filesystem>

namespace hub::daemon {

// Writes the log to the end of a file. One that has grown to `rotate_bytes` is renamed, `hubd.log`
// to `hubd.log.1`, that to `hubd.log.2` and so on, of which the newest `rotate_files` are kept, and
// a new one begun. While the disk is full, lines are lost.
class FileTarget final : public LogTarget {
public:
    struct Rotation {
        std::size_t bytes = 0;
        std::size_t files = 0;
    };

    // Makes the file where it is missing, not its folder. Throws std::runtime_error with a sentence
    // that names it: not to be opened, no regular file, or one that does not begin like a log.
    FileTarget(std::filesystem::path file, LogFormat format, Rotation rotation);

private:
    [[nodiscard]] bool put(const LogLine& line) override;
    void openAgain() override;

    void open();
    void rotate();
    [[nodiscard]] std::filesystem::path numbered(std::size_t number) const;

    // Constant after construction.
    const std::filesystem::path file_;
    const LogFormat format_;
    const Rotation rotation_;

    // Used by `put` and `openAgain` alone.
    net::Descriptor descriptor_;
    std::size_t size_ = 0;
    std::size_t rotate_at_ = 0;
};

}  // namespace hub::daemon
