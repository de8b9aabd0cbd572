#include "sqlite_history.h"

#include "chain_walk.h"
#include "damaged_file.h"
#include "past_events.h"

#include <algorithm>
#include <utility>

namespace hub::sqlite_store {

SqliteHistory::SqliteHistory(std::filesystem::path file, std::size_t readers,
                             const PublishedHeads& heads, Now now)
    : file_(std::move(file)), heads_(heads), now_(std::move(now)), readers_(file_, readers) {}

Result<std::optional<Sequence>> SqliteHistory::states(
    const HistoryQuery& query, const std::function<bool(const StateRow&)>& visit) const {
    return walk(
        &DeviceHeads::state, &Reader::states, query,
        [&visit](const ChainWalk& walk, const Query& row) {
            return visit({walk.sequence(), walk.time(), row.optionalTime(ChainWalk::kOwnColumns),
                          row.text(ChainWalk::kOwnColumns + 1)});
        });
}

Result<std::optional<Sequence>> SqliteHistory::connections(
    const HistoryQuery& query, const std::function<bool(const ConnectionRow&)>& visit) const {
    return walk(&DeviceHeads::connection, &Reader::connections, query,
                [&visit](const ChainWalk& walk, const Query& row) {
                    return visit({walk.sequence(), walk.time(), row.text(ChainWalk::kOwnColumns),
                                  row.text(ChainWalk::kOwnColumns + 1)});
                });
}

Result<std::optional<CommandNumber>> SqliteHistory::commands(const CommandQuery& query,
                                                             const VisitCommand& visit) const {
    return answer([&] {
        // Asked for before the transaction begins, so that it holds all the rows behind it.
        const Sequence newest = query.device ? heads_.of(*query.device).command_target : 0;
        return read([&](Reader& reader, const Deadline& deadline) {
            return CommandSearch(reader.commands, query, visit, deadline).run(newest);
        });
    });
}

Result<bool> SqliteHistory::command(std::string_view id, DeviceIndex from,
                                    const VisitCommand& visit,
                                    const VisitTarget& visit_target) const {
    return answer([&] {
        return read([&](Reader& reader, const Deadline&) {
            return visitCommand(reader.commands, id, from, visit, visit_target);
        });
    });
}

Result<std::optional<Sequence>> SqliteHistory::events(
    Sequence after, const std::function<bool(const Event&)>& visit) const {
    return answer([&] {
        return read([&](Reader& reader, const Deadline& deadline) {
            return visitEvents(reader.events, after, visit, deadline);
        });
    });
}

Result<std::optional<Sequence>> SqliteHistory::walk(Head head, Query Reader::*rows,
                                                    const HistoryQuery& wanted,
                                                    const VisitRow& visit) const {
    return answer([&] {
        // Asked for before the transaction begins, so that the row is there. Should it have been
        // deleted in between, there is a newer one.
        Sequence newest = heads_.of(wanted.device).*head;
        Walked walked;
        for (Sequence gone = 0; newest != gone && !walked.begun;
             newest = heads_.of(wanted.device).*head) {
            walked = read([&](Reader& reader, const Deadline& deadline) {
                return walkFrom(newest, reader.*rows, wanted, visit, deadline);
            });
            gone = newest;
        }
        return walked.cut_short;
    });
}

SqliteHistory::Walked SqliteHistory::walkFrom(Sequence newest, Query& rows,
                                              const HistoryQuery& wanted, const VisitRow& visit,
                                              const Deadline& deadline) {
    HistoryQuery bounded = wanted;
    bounded.limit = std::min(wanted.limit, HistoryQuery::kMaxLimit);
    ChainWalk walk(rows, newest, bounded);
    while (walk.next() && visit(walk, rows)) {
        if (deadline.passed()) return {true, walk.sequence()};
    }
    return {walk.begun(), std::nullopt};
}

// What `work` does with a reader, in one transaction.
template <class Work>
std::invoke_result_t<Work, Reader&, const Deadline&> SqliteHistory::read(const Work& work) const {
    ReaderPool::Loan reader(readers_);
    try {
        const Transaction transaction((*reader).connection, Transaction::Kind::Read);
        return work(*reader, Deadline(now_));
    } catch (const DatabaseError&) {
        reader.discard();
        throw;
    }
}

// What became of `work`.
template <class Work>
Result<std::invoke_result_t<Work>> SqliteHistory::answer(const Work& work) const {
    try {
        return work();
    } catch (const DatabaseError& e) {
        if (e.cause() == DatabaseError::Cause::File) markDamaged(file_, e.what());
        return Error{Error::Kind::Unavailable, e.what()};
    }
}

}  // namespace hub::sqlite_store
