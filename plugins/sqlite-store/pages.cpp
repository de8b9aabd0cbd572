#include "pages.h"

#include "database_connection.h"
#include "query.h"

#include <sqlite3.h>

#include <cerrno>

namespace hub::sqlite_store {

namespace {

// The file grows by a multiple of it.
constexpr int kChunk = 64 << 10;

}  // namespace

void reservePages(DatabaseConnection& connection) {
    sqlite3* const handle = connection.handle();
    int chunk = kChunk;
    sqlite3_int64 bytes =
        readNumber(connection, "PRAGMA page_count") * readNumber(connection, "PRAGMA page_size");
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
    const int code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_SIZE_HINT, &bytes);
    if (code == SQLITE_OK) return;
    int number = 0;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
    const bool full = number == ENOSPC || number == EDQUOT;
    throw connection.error(full ? SQLITE_FULL : code, sqlite3_errstr(code));
}

Pages readPages(DatabaseConnection& connection) {
    return {readNumber(connection, "PRAGMA page_size"), readNumber(connection, "PRAGMA page_count"),
            readNumber(connection, "PRAGMA freelist_count")};
}

}  // namespace hub::sqlite_store
