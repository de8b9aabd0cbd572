#include "housekeeping.h"

#include "database_connection.h"
#include "event_writer.h"

#include <algorithm>
#include <utility>

namespace hub::sqlite_store {

std::string ChoreRecord::failure() const {
    const auto failed = std::ranges::find_if(
        entries_, [](const std::string& failure) { return !failure.empty(); }, &Entry::failure);
    return failed == entries_.end() ? std::string() : failed->failure;
}

Housekeeping::Housekeeping(DatabaseConnection& connection, EventWriter& writer,
                           RetentionLimits limits, const std::vector<ForgottenDevice>& forgotten,
                           ChoreRecord& record)
    : writer_(writer),
      record_(record),
      forgotten_(connection),
      retention_(connection, writer, limits),
      free_space_(connection) {
    forgotten_.add(forgotten);
}

bool Housekeeping::step(Timestamp now) {
    forgotten_.add(writer_.takeForgotten());
    std::array turns{Chore::ForgottenHistory, Chore::Retention, Chore::FreeSpace};
    if (std::exchange(retention_first_, !retention_first_)) std::swap(turns[0], turns[1]);
    for (const Chore chore : turns) {
        if (tryStep(chore, now)) return true;
    }
    for (const Chore chore : turns) record_.of(chore).rests = false;
    return false;
}

// True: there is more to do, now.
bool Housekeeping::tryStep(Chore chore, Timestamp now) {
    ChoreRecord::Entry& entry = record_.of(chore);
    if (entry.rests) return false;
    try {
        const bool more = stepOf(chore, now);
        entry.failure.clear();
        return more;
    } catch (const DatabaseError& error) {
        entry = {error.what(), true};
        if (error.cause() != DatabaseError::Cause::Passing) throw;
        return false;
    }
}

bool Housekeeping::stepOf(Chore chore, Timestamp now) {
    switch (chore) {
        case Chore::ForgottenHistory:
            return forgotten_.step();
        case Chore::Retention:
            return retention_.step(now);
        case Chore::FreeSpace:
            return free_space_.step();
    }
    return false;
}

}  // namespace hub::sqlite_store
