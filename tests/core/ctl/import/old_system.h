#pragma once

#include "fakes/temporary_folder.h"
#include "hub/time.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hub::ctl::importer {

// 2026-11-23 16:40:00 UTC.
inline constexpr Timestamp kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} +
                                std::chrono::hours{16} + std::chrono::minutes{40}};

// A database of the earlier system, in central Europe.
class OldSystem {
public:
    OldSystem() {
        ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
        ::tzset();
        execute(textOf("schema.sql"));
    }
    ~OldSystem() { leave(); }
    OldSystem(const OldSystem&) = delete;
    OldSystem& operator=(const OldSystem&) = delete;

    // Fills it with a day of the robot.
    void liveADay() { execute(textOf("robot.sql")); }

    // `INSERT INTO devices VALUES(...)`.
    void execute(const std::string& sql) {
        if (database_ == nullptr) sqlite3_open(file().c_str(), &database_);
        ASSERT_EQ(SQLITE_OK, sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr))
            << sqlite3_errmsg(database_);
    }

    void addState(int id, const std::string& time, const std::string& state = "{}",
                  const std::string& device = "weather-1") {
        execute("INSERT INTO device_state_snapshots VALUES(" + std::to_string(id) + ", '" + device +
                "', 'sensor', '" + state + "', '" + time + "')");
    }

    // The program ends, and its database is at rest.
    void leave() {
        sqlite3_close(database_);
        database_ = nullptr;
    }

    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "devices.db"; }
    [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }

    [[nodiscard]] std::string bytes() const {
        std::ifstream stream(file(), std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

private:
    static std::string textOf(const std::string& name) {
        std::ifstream stream(IMPORT_FIXTURES "/" + name);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    fakes::TemporaryFolder folder_;
    sqlite3* database_ = nullptr;
};

}  // namespace hub::ctl::importer
