#pragma once

#include "hub/command.h"
#include "hub/event.h"
#include "query.h"

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;

// The table `command`: one row for every command, with what was asked for and how it stands as a
// whole. Runs inside the transaction of whoever calls; belongs to that thread.
class CommandTable {
public:
    // `connection` must outlive the table. Throws DatabaseError.
    explicit CommandTable(DatabaseConnection& connection);
    CommandTable(const CommandTable&) = delete;
    CommandTable& operator=(const CommandTable&) = delete;

    // `last` is the highest number that was ever given.
    void resume(CommandNumber last) noexcept { last_ = last; }

    // Takes note of a command's recording, or of how it stands after a change. The event and its
    // record must stay where they are until they are written or given up.
    void gather(const Event& event);

    // Writes what has gathered, each command once. Throws DatabaseError.
    void write();

    // Begins anew: what has gathered is stored, or was given up.
    void clear() noexcept;

    // The highest number that was ever given.
    [[nodiscard]] CommandNumber last() const noexcept { return last_; }

private:
    // What a transaction makes of one command.
    struct Change {
        CommandNumber number{};
        const Event* recorded = nullptr;  // null: it has its row
        CommandProgress progress;
    };

    static void bindStanding(Query& statement, const Change& change);
    void bindRecording(const Event& event);

    Query insert_;
    Query update_;
    std::vector<Change> changes_;
    std::unordered_map<CommandNumber, std::size_t> places_;  // in changes_
    CommandNumber last_{};
};

}  // namespace hub::sqlite_store
