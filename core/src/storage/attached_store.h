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

    [[nodiscard]] Result<void> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override;
    [[nodiscard]] Result<void> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override;
    [[nodiscard]] Result<void> commands(
        const CommandQuery& query,
        const std::function<bool(const CommandRecord&, const CommandProgress&)>& visit)
        const override;
    [[nodiscard]] Result<void> commandTargets(
        CommandNumber command,
        const std::function<bool(const CommandTargetRow&)>& visit) const override;
    [[nodiscard]] Result<void> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override;

private:
    struct Attachment;

    [[nodiscard]] std::shared_ptr<Attachment> current() const;
    template <class Read>
    [[nodiscard]] Result<void> read(const Read& read) const;

    // Constant after construction.
    router::EventLog& log_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::shared_ptr<Attachment> attachment_;  // null: no store
};

}  // namespace hub::storage
