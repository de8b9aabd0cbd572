#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

struct sqlite3;
namespace Poco::Data {
class Session;
class Statement;
}  // namespace Poco::Data

namespace hub::sqlite_store {

// What SQLite could not do, why, and what to do about it, as one sentence.
class DatabaseError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// What to do about a file that was taken from under the hub.
inline constexpr const char* kMovedRemedy = "put it back, or restart the hub to begin a new one";

// One connection to the database file, opened through Poco::Data. Belongs to one thread at a time.
// Waits up to two seconds for another connection's lock, unless told otherwise.
class DatabaseConnection {
public:
    // A Write connection is the only one that writes and checkpoints; a Read connection can do
    // neither.
    enum class Use { Write, Read };

    // Opens `file`; a Write connection creates it when it is missing, a Read connection refuses
    // then. Throws DatabaseError.
    DatabaseConnection(std::filesystem::path file, Use use);
    ~DatabaseConnection();
    DatabaseConnection(const DatabaseConnection&) = delete;
    DatabaseConnection& operator=(const DatabaseConnection&) = delete;

    // Compiles and runs `sql` once, without results. Throws DatabaseError.
    void execute(const std::string& sql);

    // Runs a statement made by Poco::Data on `session()`. Throws DatabaseError; the statement can
    // then not be run again: Poco keeps it as "still executing".
    void run(Poco::Data::Statement& statement);

    // From now on, how long to wait for another connection's lock.
    void setLockPatience(std::chrono::milliseconds patience) noexcept;

    // True once the file was deleted, moved or replaced: what is written then goes nowhere.
    [[nodiscard]] bool hasMoved() const noexcept;

    // The error that describes the last failure on this connection.
    [[nodiscard]] DatabaseError error() const;

    [[nodiscard]] Poco::Data::Session& session() noexcept { return *session_; }
    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

private:
    std::filesystem::path file_;
    Use use_;
    std::unique_ptr<Poco::Data::Session> session_;
    sqlite3* handle_ = nullptr;  // owned by session_
};

// A transaction on `connection`, rolled back unless committed. Everything throws DatabaseError.
class Transaction {
public:
    enum class Kind {
        Write,  // takes the write lock at once, so that nothing inside can meet it later
        Read,   // one consistent state for all reads inside
    };
    Transaction(DatabaseConnection& connection, Kind kind);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

private:
    void run(const char* sql);

    DatabaseConnection& connection_;
};

}  // namespace hub::sqlite_store
