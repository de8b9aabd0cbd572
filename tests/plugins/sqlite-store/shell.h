#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace hub::sqlite_store {

// Looks at a database as a person with the sqlite3 tool does: from outside, on a connection of its
// own.
class Shell {
public:
    explicit Shell(const std::filesystem::path& file) {
        if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) {
            throw std::runtime_error("cannot open " + file.string());
        }
    }
    ~Shell() { sqlite3_close(handle_); }
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    // The rows of the result as sqlite3 prints them: columns separated by `|`.
    std::vector<std::string> rows(const std::string& sql) {
        std::vector<std::string> rows;
        const auto keep = [](void* out, int columns, char** values, char**) {
            std::string row;
            for (int i = 0; i < columns; ++i) {
                row.append(i == 0 ? "" : "|").append(values[i] == nullptr ? "" : values[i]);
            }
            static_cast<std::vector<std::string>*>(out)->push_back(row);
            return 0;
        };
        if (sqlite3_exec(handle_, sql.c_str(), keep, &rows, nullptr) != SQLITE_OK) {
            throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle_));
        }
        return rows;
    }

    // The only value of the only row.
    std::string value(const std::string& sql) { return rows(sql).at(0); }

private:
    sqlite3* handle_ = nullptr;
};

}  // namespace hub::sqlite_store
