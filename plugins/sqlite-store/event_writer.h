#pragma once

#include "command_table.h"
#include "device_table.h"
#include "history_table.h"
#include "hub/event.h"
#include "hub/store.h"
#include "published_heads.h"
#include "query.h"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;
struct StoredState;

// Writes events, one transaction after the other: each is one row in one of the history tables, and
// moves its device's row; a command's recording is its row in the table `command`, which its
// changes move. One that forgets a device is its row in `farewell`: it takes the device's row away,
// and leaves its history to ForgottenHistory. Belongs to the thread that appends.
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
    [[nodiscard]] Sequence lastSequence() const noexcept { return progress_.last_sequence; }

    // The number of the newest stored state of `device`, 0 when it has none.
    [[nodiscard]] Sequence newestState(DeviceIndex device) const noexcept {
        return states_.chains().head(device);
    }

    // The devices that were forgotten since the last time this was asked.
    [[nodiscard]] std::vector<ForgottenDevice> takeForgotten() noexcept {
        return std::exchange(forgotten_, {});
    }

    // Keeps these times for the next start; see Store::noteLife. Throws DatabaseError.
    void noteLife(std::span<const SignOfLife> signs);

    // Stores, inside the caller's transaction, which numbers were given, so that the rows that
    // tell it may be deleted. Throws DatabaseError.
    void storeProgress();

    // Stores the heads, so that the next start has nothing to search. Throws DatabaseError.
    void storeHeads();

private:
    struct Progress {
        Sequence last_sequence = 0;
        Timestamp last_time{};
        Sequence heads_to = 0;  // the table `head` knows all rows up to here
    };

    void gather(const Event& event);
    void insertHeads();
    void insertFarewell(const Event& event);
    void insertForgotten(const ForgottenDevice& device);
    void store(const Progress& progress);
    [[nodiscard]] DeviceHeads headsOf(DeviceIndex device) const noexcept;
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
    HistoryTable command_targets_;
    CommandTable commands_;
    Query farewell_;
    Progress progress_;
    std::vector<ForgottenDevice> forgetting_;  // by the transaction
    std::vector<ForgottenDevice> forgotten_;   // by earlier ones
};

}  // namespace hub::sqlite_store
