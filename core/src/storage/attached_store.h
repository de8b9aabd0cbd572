#pragma once

#include "hub/history.h"
#include "hub/store.h"
#include "router/event_log.h"
#include "storage/store_writer.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace hub::storage {

// The store of a hub, as long as one is attached: what is written to it, what is read from it, and
// how it is. Without one there is no history, which is no fault.
//
// Attached and detached by one thread at a time; everything else from any thread.
class AttachedStore final : public History {
public:
    // `log` must outlive it, and no store be attached when it ends.
    explicit AttachedStore(router::EventLog& log);
    ~AttachedStore() override;
    AttachedStore(const AttachedStore&) = delete;
    AttachedStore& operator=(const AttachedStore&) = delete;

    // Begins to write what the log retains to `store`, and to read from `history`. None may be
    // attached. All that is given must stay until `detach` has returned.
    void attach(Store& store, const History& history, WriterSurroundings surroundings);

    // Waits for calls into the store, then lets go of it; does nothing when there is none. What the
    // log holds stays there.
    void detach();

    [[nodiscard]] bool attached() const;

    // Why nothing is stored at the moment; nothing when all is well.
    [[nodiscard]] std::optional<std::string> failure() const;

    // How long the call of the store in progress has lasted; zero when there is none.
    [[nodiscard]] std::chrono::nanoseconds busy() const;

    // Whatever the store's history throws, or a visitor, is an Error too.
    [[nodiscard]] Result<std::optional<Sequence>> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override;
    [[nodiscard]] Result<std::optional<Sequence>> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override;
    [[nodiscard]] Result<std::optional<CommandNumber>> commands(
        const CommandQuery& query, const VisitCommand& visit) const override;
    [[nodiscard]] Result<bool> command(std::string_view id, DeviceIndex from,
                                       const VisitCommand& visit,
                                       const VisitTarget& visit_target) const override;
    [[nodiscard]] Result<std::optional<Sequence>> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override;

private:
    struct Attachment;

    [[nodiscard]] std::shared_ptr<Attachment> current() const;
    template <class Read>
    [[nodiscard]] std::invoke_result_t<Read, const History&> read(const Read& read) const;

    // Constant after construction.
    router::EventLog& log_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::shared_ptr<Attachment> attachment_;  // null: no store
};

}  // namespace hub::storage
