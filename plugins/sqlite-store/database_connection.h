#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

struct sqlite3;
namespace Poco::Data {
class Session;
class Statement;
}  // namespace Poco::Data

namespace hub::sqlite_store {

class DatabaseConnection;
class PageReserve;

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
inline constexpr const char* kMovedRemedy =
    "put it back; or, to begin a new one, stop the hub and move its -wal away too";

// Says that the file behind `connection` is damaged, for `what` was found in it. Throws
// DatabaseError.
[[noreturn]] void throwDamaged(const DatabaseConnection& connection, const std::string& what);

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

    // Gives what the transaction in progress has added its place on the disk; see PageReserve.
    // Throws DatabaseError.
    void reservePages();

    // From now on, how long to wait for another connection's lock.
    void setLockPatience(std::chrono::milliseconds patience) noexcept;

    // True once the file was deleted, moved or replaced: what is written then goes nowhere.
    [[nodiscard]] bool hasMoved() const noexcept;

    // Takes note of which file its write-ahead log is. For when the connection has read something
    // in WAL mode: SQLite opens the log then, and makes it where there is none.
    void watchLog() noexcept;

    // True once that file was deleted, moved or replaced: what was committed and is not yet in the
    // database itself is gone with the last process that has it open. False while it is not
    // watched. Costs a stat(2).
    [[nodiscard]] bool logHasMoved() const noexcept;

    // Of a log that has moved: moves all that it holds into the database, synced, and takes away
    // what is in its place. The connection is then to be closed, for it would go on with that log.
    // Throws DatabaseError, also while somebody reads from the log, and may be called again, as
    // long as nothing was written in between. Until that works a copy of the log is in its place,
    // so that the process may end, unless there is no room for it.
    void rescueLog();

    // Gives the memory of pages that are only kept to be read again back to the system, and with it
    // what the process has freed elsewhere: some milliseconds, for when there is nothing else to
    // do.
    void releaseMemory() noexcept;

    // Leaves the write-ahead log as it is when the connection is closed.
    void keepLog() noexcept;

    // Moves what the write-ahead log holds into the file, as far as that works and nobody reads it.
    void checkpoint() noexcept;

    // The error that describes the last failure on this connection.
    [[nodiscard]] DatabaseError error() const;
    // Likewise for a failure with SQLite's `code`, of which SQLite `said` so much.
    [[nodiscard]] DatabaseError error(int code, const std::string& said) const;

    [[nodiscard]] Poco::Data::Session& session() noexcept { return *session_; }
    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

private:
    // As long as anybody has a file open, no other one gets its number.
    struct FileIdentity {
        dev_t device = 0;
        ino_t inode = 0;  // 0: there is no file

        bool operator==(const FileIdentity&) const = default;
    };

    void close() noexcept;
    [[nodiscard]] const char* logFile() const noexcept;
    [[nodiscard]] FileIdentity logIdentity() const noexcept;

    std::filesystem::path file_;
    Use use_;
    std::unique_ptr<Poco::Data::Session> session_;  // of a Write connection
    sqlite3* handle_ = nullptr;                     // owned by session_, where there is one
    std::optional<FileIdentity> log_;               // nothing while it is not watched
    std::optional<FileIdentity> log_copy_;          // which rescueLog has made
    std::unique_ptr<PageReserve> reserve_;          // null until something is committed
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
    const Kind kind_;
};

}  // namespace hub::sqlite_store
