#include "reader_pool.h"

#include "past_events.h"

#include <chrono>
#include <string>

namespace hub::sqlite_store {

namespace {

// Clearly less than `stop` of a plugin is given, which waits for the call that waits here.
constexpr std::chrono::seconds kMaxWait{1};

}  // namespace

Reader::Reader(const std::filesystem::path& file)
    : connection(file, DatabaseConnection::Use::Read),
      states(connection, "SELECT time, prev, jump, device_time, state_data FROM state WHERE seq=?"),
      connections(connection,
                  "SELECT time, prev, jump, event, details FROM connection WHERE seq=?"),
      events(connection, kEventsBehind),
      commands(connection) {
    connection.watchLog();
}

ReaderPool::ReaderPool(std::filesystem::path file, std::size_t readers)
    : file_(std::move(file)), readers_(readers) {
    idle_.reserve(readers_);  // so that giving back cannot fail
}

std::unique_ptr<Reader> ReaderPool::take() {
    std::unique_ptr<Reader> reader;
    {
        std::unique_lock lock(mutex_);
        if (!returned_.wait_for(lock, kMaxWait, [this] { return lent_ < readers_; })) {
            throw DatabaseError("cannot read from " + file_.string() + ": all " +
                                std::to_string(readers_) +
                                " readers are busy; try again, or raise store.readers");
        }
        ++lent_;
        if (!idle_.empty()) {
            reader = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    // After the store has begun another log, what is new cannot be read with the old one.
    if (reader && !reader->connection.logHasMoved()) return reader;
    reader.reset();
    try {
        return std::make_unique<Reader>(file_);
    } catch (...) {
        giveBack(nullptr);
        throw;
    }
}

void ReaderPool::giveBack(std::unique_ptr<Reader> reader) noexcept {
    {
        const std::lock_guard lock(mutex_);
        --lent_;
        if (reader) {
            idle_.push_back(std::move(reader));
        }
    }
    returned_.notify_one();
}

}  // namespace hub::sqlite_store
