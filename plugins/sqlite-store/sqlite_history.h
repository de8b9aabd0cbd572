#pragma once

#include "deadline.h"
#include "hub/history.h"
#include "published_heads.h"
#include "reader_pool.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>

namespace hub::sqlite_store {

class ChainWalk;

// Reads what a SqliteStore has written, while it writes, through read-only connections of its own.
// Any thread.
class SqliteHistory final : public History {
public:
    // Opens the file, up to `readers` times, when first asked for rows. `heads` are those of the
    // store, and must outlive this.
    SqliteHistory(std::filesystem::path file, std::size_t readers, const PublishedHeads& heads,
                  Now now = std::chrono::steady_clock::now);

    // A visit keeps a reader busy and its state of the database alive: it must not wait for
    // anything. Error Unavailable also when all readers were busy for a second. A read is cut short
    // after Deadline::kPatience.
    [[nodiscard]] Result<std::optional<Sequence>> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override;
    [[nodiscard]] Result<std::optional<Sequence>> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override;

    // Error Unavailable also when a device has so many changes of one command that no other is
    // found in time.
    [[nodiscard]] Result<std::optional<CommandNumber>> commands(
        const CommandQuery& query, const VisitCommand& visit) const override;
    [[nodiscard]] Result<bool> command(std::string_view id, DeviceIndex from,
                                       const VisitCommand& visit,
                                       const VisitTarget& visit_target) const override;
    [[nodiscard]] Result<std::optional<Sequence>> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override;

private:
    using VisitRow = std::function<bool(const ChainWalk&, const Query&)>;

    using Head = Sequence DeviceHeads::*;

    // How far a walk came.
    struct Walked {
        bool begun = false;  // there was a row to begin at
        std::optional<Sequence> cut_short;
    };

    Result<std::optional<Sequence>> walk(Head head, Query Reader::*rows, const HistoryQuery& wanted,
                                         const VisitRow& visit) const;
    static Walked walkFrom(Sequence newest, Query& rows, const HistoryQuery& wanted,
                           const VisitRow& visit, const Deadline& deadline);
    template <class Work>
    std::invoke_result_t<Work, Reader&, const Deadline&> read(const Work& work) const;
    template <class Work>
    Result<std::invoke_result_t<Work>> answer(const Work& work) const;

    // Constant after construction.
    const std::filesystem::path file_;
    const PublishedHeads& heads_;
    const Now now_;

    mutable ReaderPool readers_;
};

}  // namespace hub::sqlite_store
