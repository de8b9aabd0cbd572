#include "sqlite_history.h"

#include "chain_walk.h"
#include "damaged_file.h"

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

Result<void> SqliteHistory::walk(Head head, Query Reader::*rows, const HistoryQuery& wanted,
                                 const VisitRow& visit) const {
    try {
        // Asked for before the transaction begins, so that the row is there. Should it have been
        // deleted in between, there is a newer one.
        Sequence newest = heads_.of(wanted.device).*head;
        for (Sequence gone = 0; newest != gone; newest = heads_.of(wanted.device).*head) {
            if (walkFrom(newest, rows, wanted, visit)) {
                break;
            }
            gone = newest;
        }
        return {};
    } catch (const DatabaseError& e) {
        if (e.cause() == DatabaseError::Cause::File) markDamaged(file_, e.what());
        return Error{Error::Kind::Unavailable, e.what()};
    }
}

// False when there is no row `newest`.
bool SqliteHistory::walkFrom(Sequence newest, Query Reader::*rows, const HistoryQuery& wanted,
                             const VisitRow& visit) const {
    ReaderPool::Loan reader(readers_);
    try {
        const Transaction transaction((*reader).connection, Transaction::Kind::Read);
        Query& query = (*reader).*rows;
        ChainWalk walk(query, newest, wanted);
        while (walk.next() && visit(walk, query)) {
        }
        return walk.begun();
    } catch (const DatabaseError&) {
        reader.discard();
        throw;
    }
}

}  // namespace hub::sqlite_store
