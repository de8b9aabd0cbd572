#include "sqlite_history.h"

#include "chain_walk.h"
#include "damaged_file.h"
#include "past_events.h"

#include <algorithm>
#include <utility>

namespace hub::sqlite_store {

SqliteHistory::SqliteHistory(std::filesystem::path file, std::size_t readers,
                             const PublishedHeads& heads)
    : file_(std::move(file)), heads_(heads), readers_(file_, readers) {}

Result<void> SqliteHistory::states(const HistoryQuery& query,
                                   const std::function<bool(const StateRow&)>& visit) const {
    return walk(
        &DeviceHeads::state, &Reader::states, query,
        [&visit](const ChainWalk& walk, const Query& row) {
            return visit({walk.sequence(), walk.time(), row.optionalTime(ChainWalk::kOwnColumns),
                          row.text(ChainWalk::kOwnColumns + 1)});
        });
}

Result<void> SqliteHistory::connections(
    const HistoryQuery& query, const std::function<bool(const ConnectionRow&)>& visit) const {
    return walk(&DeviceHeads::connection, &Reader::connections, query,
                [&visit](const ChainWalk& walk, const Query& row) {
                    return visit({walk.sequence(), walk.time(), row.text(ChainWalk::kOwnColumns),
                                  row.text(ChainWalk::kOwnColumns + 1)});
                });
}

Result<void> SqliteHistory::commands(const CommandQuery& query, const VisitCommand& visit) const {
    return answer([&] {
        // Asked for before the transaction begins, so that it holds all the rows behind it.
        const Sequence newest = query.device ? heads_.of(*query.device).command_target : 0;
        read([&](Reader& reader) { CommandSearch(reader.commands, query, visit).run(newest); });
    });
}

Result<void> SqliteHistory::commandTargets(
    CommandNumber command, const std::function<bool(const CommandTargetRow&)>& visit) const {
    return answer([&] {
        read([&](Reader& reader) { visitChanges(reader.commands.changes, command, visit); });
    });
}

Result<void> SqliteHistory::events(Sequence after,
                                   const std::function<bool(const Event&)>& visit) const {
    return answer([&] { read([&](Reader& reader) { visitEvents(reader.events, after, visit); }); });
}

Result<void> SqliteHistory::walk(Head head, Query Reader::*rows, const HistoryQuery& wanted,
                                 const VisitRow& visit) const {
    return answer([&] {
        // Asked for before the transaction begins, so that the row is there. Should it have been
        // deleted in between, there is a newer one.
        Sequence newest = heads_.of(wanted.device).*head;
        for (Sequence gone = 0; newest != gone; newest = heads_.of(wanted.device).*head) {
            if (walkFrom(newest, rows, wanted, visit)) {
                break;
            }
            gone = newest;
        }
    });
}

// False when there is no row `newest`.
bool SqliteHistory::walkFrom(Sequence newest, Query Reader::*rows, const HistoryQuery& wanted,
                             const VisitRow& visit) const {
    HistoryQuery bounded = wanted;
    bounded.limit = std::min(wanted.limit, HistoryQuery::kMaxLimit);
    bool begun = false;
    read([&](Reader& reader) {
        Query& query = reader.*rows;
        ChainWalk walk(query, newest, bounded);
        while (walk.next() && visit(walk, query)) {
        }
        begun = walk.begun();
    });
    return begun;
}

// Does `work` with a reader, in one transaction.
template <class Work>
void SqliteHistory::read(Work work) const {
    ReaderPool::Loan reader(readers_);
    try {
        const Transaction transaction((*reader).connection, Transaction::Kind::Read);
        work(*reader);
    } catch (const DatabaseError&) {
        reader.discard();
        throw;
    }
}

// What became of `work`.
template <class Work>
Result<void> SqliteHistory::answer(Work work) const {
    try {
        work();
        return {};
    } catch (const DatabaseError& e) {
        if (e.cause() == DatabaseError::Cause::File) markDamaged(file_, e.what());
        return Error{Error::Kind::Unavailable, e.what()};
    }
}

}  // namespace hub::sqlite_store
