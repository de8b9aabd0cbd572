#pragma once

#include <filesystem>

namespace hub::bench {

// Rows per second that SQLite alone takes here and now: one prepared INSERT for each row of about
// 100 bytes into a table without indexes, WAL, synchronous=FULL, 5,000 rows a transaction.
double sqliteLimit(const std::filesystem::path& file, int rows);

}  // namespace hub::bench
