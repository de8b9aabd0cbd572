#pragma once

#include "hub/history.h"
#include "query.h"

#include <cstddef>
#include <functional>
#include <map>

namespace hub::sqlite_store {

class ChainWalk;
class DatabaseConnection;

// What is asked of commands, compiled for one reader.
struct CommandQueries {
    explicit CommandQueries(DatabaseConnection& connection);

    Query row;             // of a number: kCommandColumns
    Query by_id;           // numbers
    Query by_key;          // numbers, newest first
    Query below;           // some number: number, time, status, device_type; newest first
    Query recorded_from;   // seq of the first one from some number on
    Query device_changes;  // of a seq, for a ChainWalk: the command's number
    Query open_of_device;  // numbers
    Query changes;         // of a number: what CommandTargetRow holds, oldest first
};

using VisitCommand = std::function<bool(const CommandRecord&, const CommandProgress&)>;

// Finds the commands that a CommandQuery asks for, newest first, by the cheapest of its filters: an
// index for the id and the key, the device's chain, or else all that there are. Inside one read
// transaction, on its thread.
class CommandSearch {
public:
    // How many commands, or changes of a device, are looked through for those that fit: some
    // seconds of work.
    static constexpr std::size_t kMaxLookedAt = 5'000'000;

    // All must outlive the search.
    CommandSearch(CommandQueries& queries, const CommandQuery& wanted, const VisitCommand& visit);

    // Visits what it finds. `newest_change` is the newest row of the wanted device's chain. Throws
    // DatabaseError, also when there is too much to look through, and what `visit` does.
    void run(Sequence newest_change);

private:
    void lookUp(Query& numbers);
    void lookThrough();
    void walk(Sequence newest_change);
    void noteOpen();
    void note(CommandNumber number);
    void offerRecordedSince(Sequence sequence);
    void offer(CommandNumber number);
    [[nodiscard]] bool fits(const CommandRecord& record, const CommandProgress& progress) const;
    void countLook();

    CommandQueries& queries_;
    const CommandQuery& wanted_;
    const VisitCommand& visit_;
    CommandNumber before_;       // only older ones are wanted (any more)
    std::size_t left_;           // how many are still wanted
    std::size_t looked_at_ = 0;  // commands, or changes of the wanted device

    // Commands of the wanted device that were met but not offered yet, with the number of their
    // recording.
    std::map<CommandNumber, Sequence, std::greater<>> met_;
};

// Visits all changes of a command, oldest first, until `visit` returns false. Throws DatabaseError,
// and what `visit` does.
void visitChanges(Query& changes, CommandNumber command,
                  const std::function<bool(const CommandTargetRow&)>& visit);

}  // namespace hub::sqlite_store
