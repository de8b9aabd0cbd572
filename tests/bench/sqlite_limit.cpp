#include "bench/sqlite_limit.h"

#include <sqlite3.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace hub::bench {

namespace {

void run(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(database));
    }
}

}  // namespace

double sqliteLimit(const std::filesystem::path& file, int rows) {
    constexpr int kGroup = 5000;
    sqlite3* database = nullptr;
    sqlite3_open(file.c_str(), &database);
    run(database,
        "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA cache_size=-65536;"
        "CREATE TABLE history(id INTEGER PRIMARY KEY, device INTEGER NOT NULL,"
        " ts INTEGER NOT NULL, state_data TEXT NOT NULL)");
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(database, "INSERT INTO history(device, ts, state_data) VALUES(?, ?, ?)", -1,
                       &insert, nullptr);
    const std::string state = R"({"temperature":21.5,"humidity":40.25,"battery":87,"pad":")" +
                              std::string(30, 'x') + "\"}";

    const auto begin = std::chrono::steady_clock::now();
    for (int row = 0; row < rows; ++row) {
        if (row % kGroup == 0) run(database, "BEGIN");
        sqlite3_bind_int(insert, 1, row % 100);
        sqlite3_bind_int64(insert, 2, 1'795'000'000'000'000 + row);
        sqlite3_bind_text(insert, 3, state.data(), static_cast<int>(state.size()), SQLITE_STATIC);
        sqlite3_step(insert);
        sqlite3_reset(insert);
        if (row % kGroup == kGroup - 1 || row == rows - 1) run(database, "COMMIT");
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    sqlite3_finalize(insert);
    sqlite3_close(database);
    return rows / seconds.count();
}

}  // namespace hub::bench
