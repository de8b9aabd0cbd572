#pragma once

#include "hub/hub_services.h"
#include "plugins/lease.h"

#include <functional>
#include <memory>
#include <optional>

namespace hub::plugins {

// The hub's live events as one plugin sees them, while its lease lasts. After that its listeners
// are detached, its readers find nothing any more (Unavailable) and are not woken.
class LeasedFeed final : public EventFeed {
public:
    // `hub` must outlive it.
    LeasedFeed(std::shared_ptr<Lease> lease, HubServices& hub);

    [[nodiscard]] std::unique_ptr<EventReader> open(TopicFilter filter,
                                                    std::optional<Sequence> after,
                                                    std::function<void()> wake) override;
    [[nodiscard]] Registration listen(TopicFilter filter, std::optional<Sequence> after,
                                      EventListener& listener) override;
    [[nodiscard]] Sequence durable() const noexcept override;

private:
    // Constant after construction.
    const std::shared_ptr<Lease> lease_;
    HubServices& hub_;
};

}  // namespace hub::plugins
