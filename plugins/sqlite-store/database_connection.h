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
    // What is the matter, as far as it decides what to do next.
    enum class Cause {
        Passing,     // a full disk, somebody's lock: the same connection works once that is over
        Connection,  // may have come to harm: only a new connection is sure to work
        File,        // is damaged: no connection will work
    };

    explicit DatabaseError(const std::string& sentence, Cause cause = Cause::Passing)
        : std::runtime_error(sentence), cause_(cause) {}

    [[nodiscard]] Cause cause() const noexcept { return cause_; }

private:
    Cause cause_;
};

// What to do about a file that no longer can be read.
inline constexpr const char* kDamagedRemedy =
    "restore a backup, or restart the hub with store.recover = true, which sets the file aside and "
    "begins a new one";

// What to do about a file that was taken from under the hub.
inline constexpr const char* kMovedRemedy = "put it back, or restart the hub to begin a new one";

// One connection to the database file; a Write connection is opened through Poco::Data. Belongs to
// one thread at a time. Waits up to a second for another connection's lock, unless told
// otherwise.
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

    // Runs a statement made by Poco::Data on `session()`, of a Write connection. Throws
    // DatabaseError; the statement can then not be run again: Poco keeps it as "still executing".
    void run(Poco::Data::Statement& statement);

    // From now on, how long to wait for another connection's lock.
    void setLockPatience(std::chrono::milliseconds patience) noexcept;

    // True once the file was deleted, moved or replaced: what is written then goes nowhere.
    [[nodiscard]] bool hasMoved() const noexcept;

    // Gives the memory of pages that are only kept to be read again back to the system, and with it
    // what the process has freed elsewhere: some milliseconds, for when there is nothing else to
    // do.
    void releaseMemory() noexcept;

    // Leaves the write-ahead log as it is when the connection is closed.
    void keepLog() noexcept;

    // The error that describes the last failure on this connection.
    [[nodiscard]] DatabaseError error() const;

    [[nodiscard]] Poco::Data::Session& session() noexcept { return *session_; }
    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

private:
    void close() noexcept;

    std::filesystem::path file_;
    Use use_;
    std::unique_ptr<Poco::Data::Session> session_;  // of a Write connection
    sqlite3* handle_ = nullptr;                     // owned by session_, where there is one
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
