#pragma once

#include "deadline.h"
#include "hub/history.h"
#include "query.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

namespace hub::sqlite_store {

class ChainWalk;
class DatabaseConnection;

// The changes of a command from a device on: what CommandTargetRow holds, device by device and the
// oldest first.
extern const std::string_view kChangesOfCommand;

// What is asked of commands, compiled for one reader.
struct CommandQueries {
    explicit CommandQueries(DatabaseConnection& connection);

    Query row;             // of a number: kCommandColumns
    Query by_id;           // the number
    Query by_key;          // numbers, newest first
    Query below;           // some number: number, time, status, device_type; newest first
    Query recorded_from;   // seq of the first one from some number on
    Query device_changes;  // of a seq, for a ChainWalk: the command's number
    Query open_of_device;  // numbers
    Query changes;         // of a number, from a device on: kChangesOfCommand
};

// Finds the commands that a CommandQuery asks for, newest first, by the cheapest of its filters: an
// index for the id and the key, the device's chain, or else all that there are. Inside one read
// transaction, on its thread.
class CommandSearch {
public:
    // All must outlive the search.
    CommandSearch(CommandQueries& queries, const CommandQuery& wanted, const VisitCommand& visit,
                  const Deadline& deadline);

    // Visits what it finds, and tells where it was cut short. `newest_change` is the newest row of
    // the wanted device's chain. Throws DatabaseError, also when it did not get on in time, and
    // what `visit` does.
    std::optional<CommandNumber> run(Sequence newest_change);

private:
    void lookUp(Query& numbers);
    void lookThrough();
    void walk(Sequence newest_change);
    void noteOpen();
    void note(CommandNumber number);
    void offerRecordedSince(Sequence sequence);
    void offer(CommandNumber number);
    [[nodiscard]] bool fits(const CommandRecord& record, const CommandProgress& progress) const;

    CommandQueries& queries_;
    const CommandQuery& wanted_;
    const VisitCommand& visit_;
    const Deadline& deadline_;
    CommandNumber before_;  // only older ones are wanted (any more)
    std::size_t left_;      // how many are still wanted
    std::optional<CommandNumber> cut_short_;

    // Commands of the wanted device that were met but not offered yet, with the number of their
    // recording.
    std::map<CommandNumber, Sequence, std::greater<>> met_;
};

// Does what History::command promises, inside one read transaction. Throws DatabaseError, and what
// the visitors do.
[[nodiscard]] bool visitCommand(CommandQueries& queries, std::string_view id, DeviceIndex from,
                                const VisitCommand& visit, const VisitTarget& visit_target);

}  // namespace hub::sqlite_store
