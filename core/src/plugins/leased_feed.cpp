#include "plugins/leased_feed.h"

#include <utility>

namespace hub::plugins {
namespace {

// The hub's reader goes with the lease, however long the plugin keeps this one.
class LeasedReader final : public EventReader {
public:
    // `hub` may be null once the lease is over: such a reader finds nothing.
    LeasedReader(std::shared_ptr<Lease> lease, std::shared_ptr<EventReader> hub)
        : lease_(std::move(lease)), hub_(hub.get()) {
        if (!hub) return;
        position_ = hub->position();
        held_ = lease_->lend(Lease::Holding::Reader,
                             Registration([hub = std::move(hub)]() mutable { hub.reset(); }));
    }

    [[nodiscard]] State read(const std::function<bool(const Event&)>& visit) override {
        const auto pass = lease_->call("EventReader::read");
        if (!pass) return State::Unavailable;
        const State state = hub_->read(visit);
        position_ = hub_->position();
        return state;
    }
    [[nodiscard]] Sequence position() const noexcept override { return position_; }

private:
    const std::shared_ptr<Lease> lease_;
    EventReader* const hub_;  // valid within a pass
    Sequence position_ = 0;   // after the last read
    Registration held_;
};

}  // namespace

LeasedFeed::LeasedFeed(std::shared_ptr<Lease> lease, HubServices& hub)
    : lease_(std::move(lease)), hub_(hub) {}

std::unique_ptr<EventReader> LeasedFeed::open(TopicFilter filter, std::optional<Sequence> after,
                                              std::function<void()> wake) {
    const auto pass = lease_->call("EventFeed::open");
    std::unique_ptr<EventReader> reader;
    if (pass) {
        reader =
            hub_.events().open(std::move(filter), after, [lease = lease_, wake = std::move(wake)] {
                if (const auto inside = lease->callBack()) wake();
            });
    }
    return std::make_unique<LeasedReader>(lease_, std::move(reader));
}

Registration LeasedFeed::listen(TopicFilter filter, std::optional<Sequence> after,
                                EventListener& listener) {
    const auto pass = lease_->callOrThrow("EventFeed::listen");
    return lease_->lend(Lease::Holding::Listener,
                        hub_.events().listen(std::move(filter), after, listener));
}

Sequence LeasedFeed::durable() const noexcept {
    const auto pass = lease_->call("EventFeed::durable");
    return pass ? hub_.events().durable() : 0;
}

}  // namespace hub::plugins
