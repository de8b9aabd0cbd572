#pragma once

#include "hub/plugin.h"
#include "hub/registration.h"

#include <vector>

namespace hub::http_api {

// Shows what the hub knows over HTTP, as JSON, and has it do what an operator asks for. It keeps
// nothing and has no options.
class HttpApiPlugin final : public Plugin {
public:
    [[nodiscard]] std::span<const Option> options() const noexcept override;
    void configure(const Options& options) override;
    void start(HubServices& hub) override;
    void stop() noexcept override;
    [[nodiscard]] Health health() const override;

private:
    std::vector<Registration> routes_;  // from start to stop
};

}  // namespace hub::http_api
