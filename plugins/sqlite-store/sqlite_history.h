#pragma once

#include "hub/history.h"
#include "published_heads.h"
#include "reader_pool.h"

#include <cstddef>
#include <filesystem>
#include <functional>

namespace hub::sqlite_store {

class ChainWalk;

// Reads what a SqliteStore has written, while it writes, through read-only connections of its own.
// Any thread.
class SqliteHistory final : public History {
public:
    // Opens the file, up to `readers` times, when first asked for rows. `heads` are those of the
    // store, and must outlive this.
    SqliteHistory(std::filesystem::path file, std::size_t readers, const PublishedHeads& heads);

    // A visit keeps a reader busy and its state of the database alive: it must not wait for
    // anything. Error Unavailable also when all readers were busy for two seconds.
    [[nodiscard]] Result<void> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override;
    [[nodiscard]] Result<void> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override;

    // Error Unavailable also when more than CommandSearch::kMaxLookedAt would have to be looked
    // through.
    [[nodiscard]] Result<void> commands(const CommandQuery& query,
                                        const VisitCommand& visit) const override;
    [[nodiscard]] Result<void> commandTargets(
        CommandNumber command,
        const std::function<bool(const CommandTargetRow&)>& visit) const override;
    [[nodiscard]] Result<void> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override;

private:
    using VisitRow = std::function<bool(const ChainWalk&, const Query&)>;

    using Head = Sequence DeviceHeads::*;

    Result<void> walk(Head head, Query Reader::*rows, const HistoryQuery& wanted,
                      const VisitRow& visit) const;
    bool walkFrom(Sequence newest, Query Reader::*rows, const HistoryQuery& wanted,
                  const VisitRow& visit) const;
    template <class Work>
    void read(Work work) const;
    template <class Work>
    Result<void> answer(Work work) const;

    // Constant after construction.
    const std::filesystem::path file_;
    const PublishedHeads& heads_;

    mutable ReaderPool readers_;
};

}  // namespace hub::sqlite_store
