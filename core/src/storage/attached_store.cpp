#include "storage/attached_store.h"

#include "sync/gate.h"

#include <exception>
#include <utility>

namespace hub::storage {

// Shared with calls that have just found it; once the gate is closed these touch nothing else.
struct AttachedStore::Attachment {
    Attachment(router::EventLog& log, Store& store, const History& plugin_history,
               WriterSurroundings surroundings)
        : history(plugin_history), writer(std::in_place, log, store, std::move(surroundings)) {}

    sync::Gate calls;  // to all that follows
    const History& history;
    std::optional<StoreWriter> writer;
};

AttachedStore::AttachedStore(router::EventLog& log) : log_(log) {}

AttachedStore::~AttachedStore() = default;

void AttachedStore::attach(Store& store, const History& history, WriterSurroundings surroundings) {
    auto attachment = std::make_shared<Attachment>(log_, store, history, std::move(surroundings));
    const std::lock_guard lock(mutex_);
    attachment_ = std::move(attachment);
}

void AttachedStore::detach() {
    std::shared_ptr<Attachment> ending;
    {
        const std::lock_guard lock(mutex_);
        ending.swap(attachment_);
    }
    if (!ending) return;
    ending->calls.close();
    ending->writer.reset();
}

bool AttachedStore::attached() const { return current() != nullptr; }

std::optional<std::string> AttachedStore::failure() const {
    const auto attachment = current();
    const auto call = attachment ? attachment->calls.enter() : std::nullopt;
    if (!call) return "no store is attached: nothing devices say is kept";
    return attachment->writer->failure();
}

std::chrono::nanoseconds AttachedStore::busy() const {
    const auto attachment = current();
    const auto call = attachment ? attachment->calls.enter() : std::nullopt;
    return call ? attachment->writer->busy() : std::chrono::nanoseconds::zero();
}

Result<std::optional<Sequence>> AttachedStore::states(
    const HistoryQuery& query, const std::function<bool(const StateRow&)>& visit) const {
    return read([&](const History& history) { return history.states(query, visit); });
}

Result<std::optional<Sequence>> AttachedStore::connections(
    const HistoryQuery& query, const std::function<bool(const ConnectionRow&)>& visit) const {
    return read([&](const History& history) { return history.connections(query, visit); });
}

Result<std::optional<CommandNumber>> AttachedStore::commands(const CommandQuery& query,
                                                             const VisitCommand& visit) const {
    return read([&](const History& history) { return history.commands(query, visit); });
}

Result<bool> AttachedStore::command(std::string_view id, DeviceIndex from,
                                    const VisitCommand& visit,
                                    const VisitTarget& visit_target) const {
    return read(
        [&](const History& history) { return history.command(id, from, visit, visit_target); });
}

Result<std::optional<Sequence>> AttachedStore::events(
    Sequence after, const std::function<bool(const Event&)>& visit) const {
    return read([&](const History& history) { return history.events(after, visit); });
}

std::shared_ptr<AttachedStore::Attachment> AttachedStore::current() const {
    const std::lock_guard lock(mutex_);
    return attachment_;
}

template <class Read>
std::invoke_result_t<Read, const History&> AttachedStore::read(const Read& read) const {
    const auto attachment = current();
    const auto call = attachment ? attachment->calls.enter() : std::nullopt;
    if (!call) {
        return Error{Error::Kind::Unavailable, "no store is attached: there is no history"};
    }
    try {
        return read(attachment->history);
    } catch (const std::exception& e) {
        return Error{Error::Kind::Unavailable,
                     std::string("the history cannot be read: the store's plugin threw \"") +
                         e.what() + "\""};
    } catch (...) {
        return Error{Error::Kind::Unavailable,
                     "the history cannot be read: the store's plugin threw something"};
    }
}

}  // namespace hub::storage
