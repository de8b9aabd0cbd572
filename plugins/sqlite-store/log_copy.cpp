#include "log_copy.h"

#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

namespace hub::sqlite_store {

namespace {

using std::filesystem::path;

constexpr sqlite3_int64 kChunk = 1 << 20;

// SQLite alone still knows where the file without a name is.
sqlite3_file* openLogOf(sqlite3* connection) {
    sqlite3_file* log = nullptr;
    sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    return log != nullptr && log->pMethods != nullptr ? log : nullptr;
}

bool writeAll(int descriptor, const char* bytes, std::size_t count) {
    while (count > 0) {
        const ssize_t written = ::write(descriptor, bytes, count);
        if (written <= 0) return false;
        bytes += written;
        count -= static_cast<std::size_t>(written);
    }
    return true;
}

bool copyTo(int descriptor, sqlite3_file* log) {
    sqlite3_int64 size = 0;
    if (log->pMethods->xFileSize(log, &size) != SQLITE_OK) return false;
    std::vector<char> chunk(static_cast<std::size_t>(std::min(size, kChunk)));
    for (sqlite3_int64 offset = 0; offset < size; offset += kChunk) {
        const auto count = static_cast<int>(std::min(size - offset, kChunk));
        if (log->pMethods->xRead(log, chunk.data(), count, offset) != SQLITE_OK ||
            !writeAll(descriptor, chunk.data(), static_cast<std::size_t>(count))) {
            return false;
        }
    }
    return ::fdatasync(descriptor) == 0;
}

}  // namespace

bool copyLog(sqlite3* connection, const path& name) noexcept {
    try {
        sqlite3_file* const log = openLogOf(connection);
        if (log == nullptr) return false;
        path copy = name;
        copy += ".new";
        const int descriptor = ::open(copy.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (descriptor < 0) return false;
        const bool copied = copyTo(descriptor, log);
        ::close(descriptor);
        if (!copied || std::rename(copy.c_str(), name.c_str()) != 0) {
            ::unlink(copy.c_str());
            return false;
        }
        syncFolder(name);
        return true;
    } catch (const std::exception&) {  // no memory
        return false;
    }
}

void syncFolder(const path& file) {
    const path folder = std::filesystem::absolute(file).parent_path();
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

}  // namespace hub::sqlite_store
