#pragma once

#include "housekeeping.h"
#include "hub/logger.h"
#include "hub/plugin.h"
#include "hub/store.h"
#include "published_heads.h"
#include "retention.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>

namespace hub::sqlite_store {

class DatabaseConnection;
class DatabaseLock;
class EventWriter;

struct SqliteStoreSettings {
    RetentionLimits retention;
    bool recover = false;  // whether a damaged file is set aside and a new one begun

    // How many numbers apart the heads are stored, which bounds what the next start has to search.
    Sequence heads_interval = 250'000;
};

// Keeps events in one SQLite file (README.md tells what it looks like and why). The only one that
// writes to it: through one connection, used by the thread that calls `recover`, then by the one
// that calls `append`. Destroying it closes the file; readers of `heads` must have ended before.
class SqliteStore final : public Store {
public:
    // `logger` must outlive it.
    SqliteStore(std::filesystem::path file, Logger& logger, SqliteStoreSettings settings = {});
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    // Takes the file for this process alone, creates it or brings it up to the current version.
    // Throws DatabaseError.
    [[nodiscard]] Recovery recover() override;

    // What the damaged file is called now that `recover` has found and set aside; empty when it has
    // not.
    [[nodiscard]] const std::filesystem::path& damagedFile() const noexcept { return damaged_; }

    // Waits a quarter of a second for another process's lock. On failure the file holds nothing of
    // the batch, and a later call works again once the cause is gone; where the connection itself
    // may have come to harm, that call opens the file anew. A file found damaged is marked so for
    // the next start, and a write-ahead log that was taken away is replaced without a loss.
    [[nodiscard]] Result<void> append(std::span<const Event> batch) override;

    [[nodiscard]] Result<void> noteLife(std::span<const SignOfLife> signs) override;

    // Deletes what was forgotten or is beyond the limits of retention, and gives free pages back.
    // Gives back memory, too, when nothing was appended since the last time.
    [[nodiscard]] bool maintain(Timestamp now) noexcept override;

    // Where reading begins. Any thread.
    [[nodiscard]] const PublishedHeads& heads() const noexcept { return heads_; }

    // Degraded while appending or deleting fails, from when damage was met on, and while the
    // write-ahead log is far larger than it should be. Any thread.
    [[nodiscard]] Health health() const;

private:
    Recovery open();
    Recovery openWhole();
    void reopen();
    void close() noexcept;
    void rescueLog();
    void requireFile() const;
    template <class Work>
    Result<void> attempt(Work work);
    void releaseMemoryWhenIdle() noexcept;
    void noteHousekeeping(const std::string& failure);
    void giveUpLog();
    void tellOfDamage();
    void setFailure(std::string& which, std::string sentence) noexcept;

    // Constant after construction.
    const std::filesystem::path file_;
    Logger& logger_;
    const SqliteStoreSettings settings_;

    PublishedHeads heads_;

    // Constant after recover.
    std::unique_ptr<const DatabaseLock> lock_;
    std::filesystem::path damaged_;

    // Used by the appending thread only. Each uses those before it; all null from a failure that
    // may have harmed the connection until the next attempt. Only a connection whose log has moved
    // stays then: nobody else can open that.
    std::unique_ptr<DatabaseConnection> connection_;
    std::unique_ptr<EventWriter> writer_;
    std::unique_ptr<Housekeeping> housekeeping_;

    ChoreRecord chores_;  // the appending thread only; outlives a connection

    // Likewise. The newest number, when it was last looked whether there is a new one, and when
    // memory was last given back; whether the log tells that damage was met.
    Sequence looked_at_ = 0;
    Sequence released_at_ = 0;
    bool told_of_damage_ = false;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::string failure_;               // of the last append, empty when it worked
    std::string housekeeping_failure_;  // of maintain, empty while all of it works
};

}  // namespace hub::sqlite_store
