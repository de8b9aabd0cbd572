#pragma once

#include "device_table.h"
#include "history_table.h"
#include "hub/event.h"
#include "published_heads.h"

#include <cstddef>
#include <span>

namespace hub::sqlite_store {

class DatabaseConnection;
struct StoredState;

// Writes events, one transaction after the other: each is one row in one of the history tables, and
// moves its device's row. Belongs to the thread that appends.
class EventWriter {
public:
    // Both references must outlive the writer. The heads are stored whenever the numbers have gone
    // on by `heads_interval` since the last time. Throws DatabaseError.
    EventWriter(DatabaseConnection& connection, PublishedHeads& published, Sequence heads_interval);

    // Goes on behind what is stored.
    void resume(const StoredState& stored);

    // Makes all of `events` durable, then visible to readers. Throws DatabaseError, or whatever
    // Poco or a lack of memory does, and is then as if it had not been called.
    void write(std::span<const Event> events);

    // The number of the newest event that is stored.
    [[nodiscard]] Sequence lastSequence() const noexcept { return last_sequence_; }

    // Stores the heads, so that the next start has nothing to search. Throws DatabaseError.
    void storeHeads();

private:
    void gather(const Event& event);
    void insertHeads();
    [[nodiscard]] std::size_t deviceCount() const noexcept;
    void commit() noexcept;
    void rollback() noexcept;

    DatabaseConnection& connection_;
    PublishedHeads& published_;
    const Sequence heads_interval_;

    DeviceTable devices_;
    HistoryTable states_;
    HistoryTable connections_;
    HistoryTable events_;
    Sequence last_sequence_ = 0;
    Sequence heads_stored_to_ = 0;  // heads above it are not in the table `head` yet
};

}  // namespace hub::sqlite_store
