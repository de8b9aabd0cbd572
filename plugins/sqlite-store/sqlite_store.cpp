#include "sqlite_store.h"

#include "database_connection.h"
#include "event_writer.h"
#include "schema.h"
#include "stored_state.h"

#include <algorithm>
#include <cassert>
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

SqliteStore::SqliteStore(std::filesystem::path file, Sequence heads_interval)
    : file_(std::move(file)), heads_interval_(heads_interval) {}

SqliteStore::~SqliteStore() {
    // While nothing can be written it would only cost time; the next start searches a little
    // longer.
    if (writer_ && failure_.empty()) {
        try {
            writer_->storeHeads();
        } catch (const std::exception&) {
        }
    }
    // Closing the file's last connection moves the write-ahead log into it.
}

Recovery SqliteStore::recover() {
    connection_ = std::make_unique<DatabaseConnection>(file_, DatabaseConnection::Use::Write);
    prepareSchema(*connection_);
    StoredState state = readStoredState(*connection_);
    writer_ = std::make_unique<EventWriter>(*connection_, heads_, heads_interval_);
    writer_->resume(state);
    connection_->setLockPatience(kLockPatience);
    return std::move(state.recovery);
}

Result<void> SqliteStore::append(std::span<const Event> batch) {
    assert(writer_ && "recover() comes first");
    if (connection_->hasMoved()) {
        return failed(file_.string() + " was deleted, moved or replaced while the hub runs; " +
                      kMovedRemedy);
    }
    const auto stored =
        std::ranges::upper_bound(batch, writer_->lastSequence(), {}, &Event::sequence);
    const auto fresh = batch.subspan(static_cast<std::size_t>(stored - batch.begin()));
    if (fresh.empty()) {
        return {};
    }
    try {
        writer_->write(fresh);
    } catch (const DatabaseError& error) {
        return failed(error.what());
    } catch (const std::exception& error) {
        return failed("cannot write to " + file_.string() + ": " + error.what());
    }
    setFailure({});
    return {};
}

Health SqliteStore::health() const {
    {
        const std::lock_guard lock(mutex_);
        if (!failure_.empty()) {
            return {Health::State::Degraded, failure_};
        }
    }
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

Error SqliteStore::failed(std::string sentence) {
    setFailure(sentence);
    return {Error::Kind::Unavailable, std::move(sentence)};
}

void SqliteStore::setFailure(std::string sentence) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(sentence);
}

}  // namespace hub::sqlite_store
