#include "sqlite_store.h"

#include "damaged_file.h"
#include "database_connection.h"
#include "database_lock.h"
#include "event_writer.h"
#include "housekeeping.h"
#include "schema.h"
#include "stored_state.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <system_error>
#include <utility>

namespace hub::sqlite_store {

namespace {

// Checkpoints begin at 500 pages (4 MiB). Many times that means that they cannot end.
constexpr std::uintmax_t kLargeLogMiB = 512;

// Whoever appends tries again by itself, and a hub that stops must not wait long.
constexpr std::chrono::milliseconds kLockPatience{250};

}  // namespace

SqliteStore::SqliteStore(std::filesystem::path file, Logger& logger, SqliteStoreSettings settings)
    : file_(std::move(file)), logger_(logger), settings_(settings) {}

SqliteStore::~SqliteStore() {
    try {
        if (connection_ && connection_->hasMoved()) {
            logger_.error(
                file_.string() +
                " is not in its place: the newest of what was stored is only in its "
                "-wal, of use together with that file; put it back before the next start");
        }
        if (connection_ && connection_->logHasMoved()) rescueLog();
        // While nothing can be written it would only cost time; the next start searches a little
        // longer.
        if (writer_ && failure_.empty()) writer_->storeHeads();
    } catch (const std::exception&) {
    }
    // Closing the file's last connection moves the write-ahead log into it.
}

Recovery SqliteStore::recover() {
    lock_ = std::make_unique<DatabaseLock>(file_);
    damaged_ = finishReplacing(file_);
    if (isLogAlone(file_)) giveUpLog();
    try {
        return openWhole();
    } catch (const DatabaseError& error) {
        if (connection_ && error.cause() == DatabaseError::Cause::File) {
            connection_->keepLog();
        }
        close();
        if (error.cause() != DatabaseError::Cause::File || !settings_.recover) {
            throw;
        }
    }
    damaged_ = replaceDamaged(file_, SystemClock().wall());
    return openWhole();
}

// It may hold what was acknowledged, and is of use only together with its database.
void SqliteStore::giveUpLog() {
    const std::string what = "there is a write-ahead log of " + file_.string() +
                             ", but the database itself is missing or empty";
    if (!settings_.recover) {
        throw DatabaseError(what + "; put the database back, or move " + file_.string() +
                            "-wal away to begin a new one");
    }
    const std::filesystem::path aside = setLogAside(file_, SystemClock().wall());
    logger_.error(what + ": the log was set aside as " + aside.string() +
                  ", and a new database begun");
}

// The mark may be about a file that was replaced since, or about a disk that has been mended.
Recovery SqliteStore::openWhole() {
    Recovery recovered = open();
    if (isMarkedDamaged(file_)) {
        requireWhole(*connection_);
        removeMark(file_);
    }
    return recovered;
}

Recovery SqliteStore::open() {
    connection_ = std::make_unique<DatabaseConnection>(file_, DatabaseConnection::Use::Write);
    prepareSchema(*connection_);
    StoredState state = readStoredState(*connection_);
    connection_->watchLog();
    writer_ = std::make_unique<EventWriter>(*connection_, heads_, settings_.heads_interval);
    writer_->resume(state);
    housekeeping_ = std::make_unique<Housekeeping>(*connection_, *writer_, settings_.retention,
                                                   state.forgotten, chores_);
    connection_->setLockPatience(kLockPatience);
    return std::move(state.recovery);
}

void SqliteStore::reopen() {
    if (connection_) rescueLog();
    static_cast<void>(open());
}

void SqliteStore::close() noexcept {
    housekeeping_.reset();
    writer_.reset();
    if (connection_ && !connection_->logHasMoved()) connection_.reset();
}

// What was acknowledged is in a log without a name, and would be gone with this process.
void SqliteStore::rescueLog() {
    connection_->rescueLog();
    housekeeping_.reset();
    writer_.reset();
    connection_.reset();
    logger_.warning("the write-ahead log of " + file_.string() +
                    " was deleted, moved or replaced while the hub runs: what it held is now in "
                    "the database, nothing is lost; leave the files beside it to the hub");
}

void SqliteStore::requireFile() const {
    if (connection_ ? connection_->hasMoved() : !std::filesystem::exists(file_)) {
        throw DatabaseError(file_.string() +
                            " was deleted, moved or replaced while the hub runs; " + kMovedRemedy);
    }
}

// Does `work` on a connection that works, as far as is known; afterwards it is known again.
template <class Work>
Result<void> SqliteStore::attempt(Work work) {
    std::string failure;
    try {
        requireFile();
        // Nothing more is written to a log that has moved: what was put in its place is its copy.
        if (!writer_ || connection_->logHasMoved()) reopen();
        work();
        // Looked at afterwards too, so that nothing is called stored that is not in its place.
        requireFile();
        if (connection_->logHasMoved()) rescueLog();
        return {};
    } catch (const DatabaseError& error) {
        failure = error.what();
        if (error.cause() == DatabaseError::Cause::File) markDamaged(file_, failure);
        if (error.cause() == DatabaseError::Cause::Connection || !housekeeping_) {
            close();
        }
    } catch (const std::exception& error) {
        failure = "cannot write to " + file_.string() + ": " + error.what();
        if (!housekeeping_) {
            close();
        }
    }
    return Error{Error::Kind::Unavailable, std::move(failure)};
}

Result<void> SqliteStore::append(std::span<const Event> batch) {
    Result<void> stored = attempt([this, batch] {
        const auto begin =
            std::ranges::upper_bound(batch, writer_->lastSequence(), {}, &Event::sequence);
        const auto fresh = batch.subspan(static_cast<std::size_t>(begin - batch.begin()));
        if (!fresh.empty()) {
            writer_->write(fresh);
        }
    });
    setFailure(failure_, stored.ok() ? std::string() : stored.error().message);
    return stored;
}

Result<void> SqliteStore::noteLife(std::span<const SignOfLife> signs) {
    return attempt([this, signs] { writer_->noteLife(signs); });
}

bool SqliteStore::maintain(Timestamp now) noexcept {
    try {
        bool more = false;
        const Result<void> done = attempt([this, now, &more] {
            // On a full disk the log is all the room there is; what it holds has a place already.
            if (!failure_.empty() || !housekeeping_failure_.empty()) connection_->checkpoint();
            more = housekeeping_->step(now);
            if (!more) releaseMemoryWhenIdle();
        });
        noteHousekeeping(done.ok() ? chores_.failure() : done.error().message);
        tellOfDamage();
        return more;
    } catch (const std::exception&) {  // no memory even to say why
        return false;
    }
}

// `failure`: empty when all of it works.
void SqliteStore::noteHousekeeping(const std::string& failure) {
    {
        const std::lock_guard lock(mutex_);
        if (housekeeping_failure_ == failure) return;
        housekeeping_failure_ = failure;
    }
    if (failure.empty()) {
        logger_.info("housekeeping works again");
    } else {
        logger_.warning("some housekeeping does not work, and will be tried again: " + failure);
    }
}

// Readers, too, only leave a mark.
void SqliteStore::tellOfDamage() {
    if (told_of_damage_ || !isMarkedDamaged(file_)) return;
    told_of_damage_ = true;
    logger_.error("damage was met in the database, and the next start will look at all of it: " +
                  complaintIn(file_));
}

// The cache of pages is as large as a busy fleet makes use of; the next append reads what it needs.
void SqliteStore::releaseMemoryWhenIdle() noexcept {
    const Sequence newest = writer_->lastSequence();
    const bool idle = std::exchange(looked_at_, newest) == newest;
    if (idle && std::exchange(released_at_, newest) != newest) connection_->releaseMemory();
}

Health SqliteStore::health() const {
    {
        const std::lock_guard lock(mutex_);
        for (const std::string& failure : {failure_, housekeeping_failure_}) {
            if (!failure.empty()) return {Health::State::Degraded, failure};
        }
    }
    if (isMarkedDamaged(file_)) return {Health::State::Degraded, complaintIn(file_)};
    std::error_code none;
    const std::string log = file_.string() + "-wal";
    const std::uintmax_t bytes = std::filesystem::file_size(log, none);
    if (!none && bytes >> 20 >= kLargeLogMiB) {
        return {Health::State::Degraded,
                log + " has grown to " + std::to_string(bytes >> 20) +
                    " MiB: some process reads the database without a pause; end it"};
    }
    return {};
}

void SqliteStore::setFailure(std::string& which, std::string sentence) noexcept {
    const std::lock_guard lock(mutex_);
    which = std::move(sentence);
}

}  // namespace hub::sqlite_store
