#include "database_connection.h"

#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <sqlite3.h>

#include <cstring>
#include <string>
#include <utility>

namespace hub::sqlite_store {

namespace {

// For so long Poco tries again to open what cannot be opened.
constexpr std::size_t kOpenTimeoutSeconds = 1;
constexpr std::size_t kBusyTimeoutSeconds = 2;

// Durability and size of the write-ahead log are decided per connection (see README.md).
constexpr const char* kWriteSettings =
    "PRAGMA synchronous=FULL;"
    "PRAGMA cache_size=-65536;"
    "PRAGMA wal_autocheckpoint=500;"
    "PRAGMA journal_size_limit=67108864;";

// Only the writing connection checkpoints: one that reads would stall whoever asked.
constexpr const char* kReadSettings =
    "PRAGMA query_only=1;"
    "PRAGMA cache_size=-16384;"
    "PRAGMA wal_autocheckpoint=0;";

// Why a call failed, and what an operator can do.
std::string reasonAndRemedy(sqlite3* handle) {
    const std::string said = sqlite3_errmsg(handle);
    const int code = sqlite3_extended_errcode(handle);
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "another process holds its lock; end it, for instance a sqlite3 shell inside a "
                   "transaction";
        case SQLITE_FULL:
            return "the disk is full; free some space";
        case SQLITE_READONLY:
            return "it is read-only; give the hub's user the right to write the file and its "
                   "folder";
        case SQLITE_IOERR: {
            const int cause = sqlite3_system_errno(handle);
            return "the disk reports an error (" + said +
                   (cause == 0 ? std::string() : std::string(", ") + std::strerror(cause)) +
                   "); check the disk";
        }
        case SQLITE_CANTOPEN:
            return "it cannot be opened; check that its folder exists and that the hub's user may "
                   "read and write there";
        case SQLITE_NOTADB:
            return "it is not an SQLite database; move it away or choose another store.path";
        case SQLITE_CORRUPT:
            return "it is damaged; restore a backup, or salvage it with sqlite3's .recover";
        case SQLITE_CONSTRAINT:
            return "what is to be stored contradicts what is there (" + said +
                   "); make sure that no other program writes to this file, then restart the hub";
        default:
            return said + " (SQLite error " + std::to_string(code) + ")";
    }
}

}  // namespace

DatabaseConnection::DatabaseConnection(std::filesystem::path file, Use use)
    : file_(std::move(file)), use_(use) {
    // Poco opens every connection so that it creates what is missing.
    if (use_ == Use::Read && !std::filesystem::exists(file_)) {
        throw DatabaseError("cannot open " + file_.string() + ": the file is gone; " +
                            kMovedRemedy);
    }
    try {
        // The session is made from its implementation: a connector would have to be registered for
        // the whole process.
        session_ = std::make_unique<Poco::Data::Session>(Poco::AutoPtr<Poco::Data::SessionImpl>(
            new Poco::Data::SQLite::SessionImpl(file_.string(), kOpenTimeoutSeconds)));
    } catch (const Poco::Exception&) {
        throw DatabaseError("cannot open " + file_.string() +
                            "; check that its folder exists and that the hub's user may read and "
                            "write there");
    }
    session_->setConnectionTimeout(kBusyTimeoutSeconds);
    handle_ = Poco::Data::SQLite::Utility::dbHandle(*session_);
    execute(use_ == Use::Write ? kWriteSettings : kReadSettings);
}

DatabaseConnection::~DatabaseConnection() = default;

void DatabaseConnection::execute(const std::string& sql) {
    Poco::Data::Statement statement(*session_);
    statement << sql;
    run(statement);
}

void DatabaseConnection::run(Poco::Data::Statement& statement) {
    try {
        statement.execute();
    } catch (const Poco::Exception&) {
        throw error();
    }
}

void DatabaseConnection::setLockPatience(std::chrono::milliseconds patience) noexcept {
    sqlite3_busy_timeout(handle_, static_cast<int>(patience.count()));
}

bool DatabaseConnection::hasMoved() const noexcept {
    int moved = 0;
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

DatabaseError DatabaseConnection::error() const {
    return DatabaseError((use_ == Use::Write ? "cannot write to " : "cannot read from ") +
                         file_.string() + ": " + reasonAndRemedy(handle_));
}

Transaction::Transaction(DatabaseConnection& connection, Kind kind) : connection_(connection) {
    // Not by Poco's begin(), which is always BEGIN DEFERRED.
    run(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    // After some errors (a full disk among them) SQLite has rolled back by itself.
    if (sqlite3_get_autocommit(connection_.handle()) == 0) {
        sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

void Transaction::commit() { run("COMMIT"); }

void Transaction::run(const char* sql) {
    if (sqlite3_exec(connection_.handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw connection_.error();
    }
}

}  // namespace hub::sqlite_store
