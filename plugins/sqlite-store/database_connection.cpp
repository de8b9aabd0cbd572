#include "database_connection.h"

#include "log_copy.h"
#include "pages.h"

#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <sqlite3.h>

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace hub::sqlite_store {

namespace {

// For so long Poco tries again to open what cannot be opened.
constexpr std::size_t kOpenTimeoutSeconds = 1;
constexpr std::chrono::seconds kLockPatience{1};

// Durability and size of the write-ahead log are decided per connection (see README.md).
constexpr const char* kWriteSettings =
    "PRAGMA synchronous=FULL;"
    "PRAGMA cache_size=-65536;"
    "PRAGMA wal_autocheckpoint=500;"
    "PRAGMA journal_size_limit=67108864;"
    "PRAGMA secure_delete=OFF;";

// Only the writing connection checkpoints: one that reads would stall whoever asked. Reading by
// mapping the file saves copying a page for every row (README.md); SQLite takes what fits into the
// limit, and reads the rest as usual.
constexpr const char* kReadSettings =
    "PRAGMA query_only=1;"
    "PRAGMA cache_size=-4096;"
    "PRAGMA mmap_size=68719476736;"
    "PRAGMA wal_autocheckpoint=0;";

constexpr const char* kReadOnly =
    "it is read-only; give the hub's user the right to write the file and its folder, or mount "
    "their file system writable";

struct Failure {
    std::string reason_and_remedy;
    DatabaseError::Cause cause;
};

// What the system said about an SQLITE_IOERR, 0 when that is not known. SQLite forgets it for the
// connection when a statement is reset, but not for the files.
int systemError(sqlite3* handle) {
    int number = sqlite3_system_errno(handle);
    for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
        sqlite3_file* file = nullptr;
        sqlite3_file_control(handle, "main", which, &file);
        if (number == 0 && file != nullptr && file->pMethods != nullptr) {
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
        }
    }
    return number;
}

// Why a call failed, and what an operator can do.
Failure describe(sqlite3* handle, int code, const std::string& said) {
    using Cause = DatabaseError::Cause;
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {
                "another process holds its lock; end it, for instance a sqlite3 shell inside a "
                "transaction",
                Cause::Passing};
        case SQLITE_FULL:
            return {"the disk is full; free some space", Cause::Passing};
        case SQLITE_NOMEM:
            return {"there is not enough memory (SQLite error 7)", Cause::Passing};
        case SQLITE_READONLY:
            return {kReadOnly, Cause::Connection};
        case SQLITE_IOERR: {
            const int cause = systemError(handle);
            if (cause == ENOSPC || cause == EDQUOT) {
                return {"the disk is full; free some space", Cause::Connection};
            }
            if (cause == EROFS) {
                return {"its file system is read-only; mount it writable", Cause::Connection};
            }
            return {"the disk reports an error (" + said +
                        (cause == 0 ? std::string() : std::string(", ") + std::strerror(cause)) +
                        "); check the disk",
                    Cause::Connection};
        }
        case SQLITE_CANTOPEN:
            return {
                "it cannot be opened; check that its folder exists and that the hub's user may "
                "read and write there",
                Cause::Connection};
        case SQLITE_NOTADB:
            return {std::string("it is not an SQLite database, or its beginning is damaged; choose "
                                "another store.path, ") +
                        kDamagedRemedy,
                    Cause::File};
        case SQLITE_CORRUPT:
            return {std::string("it is damaged; ") + kDamagedRemedy, Cause::File};
        case SQLITE_CONSTRAINT:
            return {"what is to be stored contradicts what is there (" + said +
                        "); make sure that no other program writes to this file, then restart the "
                        "hub",
                    Cause::Passing};
        default:
            return {said + " (SQLite error " + std::to_string(code) + ")", Cause::Connection};
    }
}

sqlite3* openReading(const std::filesystem::path& file) {
    // Not read-only, which could not take part in the write-ahead log: query_only sees to that.
    // Without a mutex, which would be locked some ten times for each row.
    sqlite3* handle = nullptr;
    if (sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        nullptr) != SQLITE_OK) {
        sqlite3_close(handle);
        return nullptr;
    }
    return handle;
}

std::unique_ptr<Poco::Data::Session> openWriting(const std::filesystem::path& file) {
    try {
        // The session is made from its implementation: a connector would have to be registered for
        // the whole process.
        return std::make_unique<Poco::Data::Session>(Poco::AutoPtr<Poco::Data::SessionImpl>(
            new Poco::Data::SQLite::SessionImpl(file.string(), kOpenTimeoutSeconds)));
    } catch (const Poco::Exception&) {
        return nullptr;
    }
}

}  // namespace

void throwDamaged(const DatabaseConnection& connection, const std::string& what) {
    throw DatabaseError("cannot use " + connection.file().string() + ": it is damaged (" + what +
                            "); " + kDamagedRemedy,
                        DatabaseError::Cause::File);
}

DatabaseConnection::DatabaseConnection(std::filesystem::path file, Use use)
    : file_(std::move(file)), use_(use) {
    if (use_ == Use::Write) {
        session_ = openWriting(file_);
        handle_ = session_ ? Poco::Data::SQLite::Utility::dbHandle(*session_) : nullptr;
    } else {
        handle_ = openReading(file_);
    }
    if (handle_ == nullptr) {
        throw DatabaseError("cannot open " + file_.string() +
                                "; check that its folder exists and that the hub's user may read "
                                "and write there",
                            DatabaseError::Cause::Connection);
    }
    // SQLite opens a file that it may not write all the same, to fail at some later statement.
    if (use_ == Use::Write && sqlite3_db_readonly(handle_, "main") == 1) {
        throw DatabaseError("cannot write to " + file_.string() + ": " + kReadOnly,
                            DatabaseError::Cause::Connection);
    }
    setLockPatience(kLockPatience);
    try {
        execute(use_ == Use::Write ? kWriteSettings : kReadSettings);
    } catch (...) {
        keepLog();  // of a file that cannot be read, nothing is to be changed
        close();
        throw;
    }
}

DatabaseConnection::~DatabaseConnection() { close(); }

void DatabaseConnection::close() noexcept {
    if (!session_) sqlite3_close(handle_);
}

void DatabaseConnection::execute(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw error();
    }
}

void DatabaseConnection::run(Poco::Data::Statement& statement) {
    try {
        statement.execute();
    } catch (const Poco::Exception&) {
        throw error();
    }
}

void DatabaseConnection::reservePages() {
    if (!reserve_) reserve_ = std::make_unique<PageReserve>(*this);
    reserve_->reserve();
}

void DatabaseConnection::setLockPatience(std::chrono::milliseconds patience) noexcept {
    sqlite3_busy_timeout(handle_, static_cast<int>(patience.count()));
}

bool DatabaseConnection::hasMoved() const noexcept {
    int moved = 0;
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

void DatabaseConnection::watchLog() noexcept { log_ = logIdentity(); }

bool DatabaseConnection::logHasMoved() const noexcept { return log_ && *log_ != logIdentity(); }

void DatabaseConnection::rescueLog() {
    // First of all: after a crash SQLite would put whatever else it finds there over what is newer.
    if (log_copy_ != logIdentity()) {
        if (copyLog(handle_, logFile())) {
            log_copy_ = logIdentity();
        } else {
            ::unlink(logFile());
        }
    }
    if (sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) !=
        SQLITE_OK) {
        throw error();
    }
    ::unlink(logFile());
}

// Where SQLite has it, which follows symbolic links.
const char* DatabaseConnection::logFile() const noexcept {
    return sqlite3_filename_wal(sqlite3_db_filename(handle_, "main"));
}

// SQLite knows whether the database has moved, but not its log.
DatabaseConnection::FileIdentity DatabaseConnection::logIdentity() const noexcept {
    struct stat status {};
    if (::stat(logFile(), &status) != 0) return {};
    return {status.st_dev, status.st_ino};
}

void DatabaseConnection::releaseMemory() noexcept {
    sqlite3_db_release_memory(handle_);
    // The pages lie scattered over the heap, of which the allocator by itself only gives back the
    // end: without this, a process that was busy once stays as large.
    ::malloc_trim(0);
}

void DatabaseConnection::keepLog() noexcept {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void DatabaseConnection::checkpoint() noexcept {
    sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

DatabaseError DatabaseConnection::error() const {
    return error(sqlite3_extended_errcode(handle_), sqlite3_errmsg(handle_));
}

DatabaseError DatabaseConnection::error(int code, const std::string& said) const {
    const Failure failure = describe(handle_, code, said);
    return DatabaseError((use_ == Use::Write ? "cannot write to " : "cannot read from ") +
                             file_.string() + ": " + failure.reason_and_remedy,
                         failure.cause);
}

Transaction::Transaction(DatabaseConnection& connection, Kind kind)
    : connection_(connection), kind_(kind) {
    // Not by Poco's begin(), which is always BEGIN DEFERRED.
    run(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    // After some errors (a full disk among them) SQLite has rolled back by itself.
    if (sqlite3_get_autocommit(connection_.handle()) == 0) {
        sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

void Transaction::commit() {
    if (kind_ == Kind::Write) connection_.reservePages();
    run("COMMIT");
}

void Transaction::run(const char* sql) {
    if (sqlite3_exec(connection_.handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw connection_.error();
    }
}

}  // namespace hub::sqlite_store
