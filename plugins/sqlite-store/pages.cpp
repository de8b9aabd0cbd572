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

PageReserve::PageReserve(DatabaseConnection& connection)
    : connection_(connection),
      page_size_(readNumber(connection, "PRAGMA page_size")),
      page_count_(connection, "PRAGMA page_count") {
    int chunk = kChunk;
    sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
}

void PageReserve::reserve() {
    const QueryScope scope(page_count_);
    if (!page_count_.next()) return;
    sqlite3* const handle = connection_.handle();
    sqlite3_int64 bytes = page_count_.integer(0) * page_size_;
    const int code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_SIZE_HINT, &bytes);
    if (code == SQLITE_OK) return;
    int number = 0;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
    const bool full = number == ENOSPC || number == EDQUOT;
    throw connection_.error(full ? SQLITE_FULL : code, sqlite3_errstr(code));
}

Pages readPages(DatabaseConnection& connection) {
    return {readNumber(connection, "PRAGMA page_size"), readNumber(connection, "PRAGMA page_count"),
            readNumber(connection, "PRAGMA freelist_count")};
}

}  // namespace hub::sqlite_store
