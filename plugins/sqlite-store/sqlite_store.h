#pragma once

#include "hub/plugin.h"
#include "hub/store.h"
#include "published_heads.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>

namespace hub::sqlite_store {

class DatabaseConnection;
class EventWriter;

// Keeps events in one SQLite file (README.md tells what it looks like and why). The only one that
// writes to it: through one connection, used by the thread that calls `recover`, then by the one
// that calls `append`. Destroying it closes the file; readers of `heads` must have ended before.
class SqliteStore final : public Store {
public:
    // `heads_interval`: how many numbers apart the heads are stored, which bounds what the next
    // start has to search.
    explicit SqliteStore(std::filesystem::path file, Sequence heads_interval = 250'000);
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    // Creates the file or brings it up to the current version. Throws DatabaseError.
    [[nodiscard]] Recovery recover() override;

    // Waits a quarter of a second for another process's lock. On failure the file holds nothing of
    // the batch, and a later call works again once the cause is gone.
    [[nodiscard]] Result<void> append(std::span<const Event> batch) override;

    // Where reading begins. Any thread.
    [[nodiscard]] const PublishedHeads& heads() const noexcept { return heads_; }

    // Degraded while appending fails, and while the write-ahead log is far larger than it should
    // be. Any thread.
    [[nodiscard]] Health health() const;

private:
    Error failed(std::string sentence);
    void setFailure(std::string sentence);

    // Constant after construction.
    const std::filesystem::path file_;
    const Sequence heads_interval_;

    PublishedHeads heads_;

    // Used by the appending thread only.
    std::unique_ptr<DatabaseConnection> connection_;
    std::unique_ptr<EventWriter> writer_;  // after connection_: uses it

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::string failure_;  // of the last append, empty when it worked
};

}  // namespace hub::sqlite_store
