#include "sqlite_store.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <system_error>
#include <utility>

#include "database_connection.h"
#include "event_writer.h"
#include "schema.h"
#include "stored_state.h"

namespace hub::sqlite_store {

namespace {

// Checkpoints begin at 500 pages (4 MiB). Many times that means that they cannot end.
constexpr std::uintmax_t kLargeLogMiB = 512;

}  // namespace

SqliteStore::SqliteStore(std::filesystem::path file, Sequence heads_interval)
    : file_(std::move(file)), heads_interval_(heads_interval) {}

SqliteStore::~SqliteStore() {
    if (writer_) {
        try {
            writer_->storeHeads();
        } catch (const DatabaseError&) {
            // The next start searches a little longer.
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
    last_sequence_ = state.recovery.last_sequence;
    return std::move(state.recovery);
}

Result<void> SqliteStore::append(std::span<const Event> batch) {
    assert(writer_ && "recover() comes first");
    const auto stored = std::ranges::upper_bound(batch, last_sequence_, {}, &Event::sequence);
    const auto fresh = batch.subspan(static_cast<std::size_t>(stored - batch.begin()));
    if (fresh.empty()) {
        return {};
    }
    try {
        writer_->write(fresh);
    } catch (const DatabaseError& e) {
        setFailure(e.what());
        return Error{Error::Kind::Unavailable, e.what()};
    }
    last_sequence_ = fresh.back().sequence;
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

void SqliteStore::setFailure(std::string sentence) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(sentence);
}

}  // namespace hub::sqlite_store
