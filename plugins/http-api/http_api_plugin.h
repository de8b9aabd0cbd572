#pragma once

#include "hub/plugin.h"
#include "hub/registration.h"
#include "live_feeds.h"

#include <memory>
#include <vector>

namespace hub::http_api {

// Shows what the hub knows over HTTP, as JSON, and has it do what an operator asks for. It keeps
// nothing and has no options; its one thread serves those who read the live events.
class HttpApiPlugin final : public Plugin {
public:
    [[nodiscard]] std::span<const Option> options() const noexcept override;
    void configure(const Options& options) override;
    void start(HubServices& hub) override;
    void stop() noexcept override;
    [[nodiscard]] Health health() const override;

private:
    // From start to stop.
    std::unique_ptr<LiveFeeds> feeds_;
    std::vector<Registration> routes_;
};

}  // namespace hub::http_api
