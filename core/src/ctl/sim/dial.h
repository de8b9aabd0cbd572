#pragma once

#include "ctl/sim/endpoint.h"
#include "hub/result.h"
#include "net/descriptor.h"
#include "net/loop.h"

#include <memory>
#include <optional>
#include <string>

namespace hub::ctl::sim {

// One TCP connect in progress, on its loop's thread. Destroying it gives the attempt up.
class Dial final : public net::Pollable {
public:
    // How it ended is told once; the dial may be destroyed within that call.
    class Observer {
    public:
        virtual ~Observer() = default;
        virtual void onConnected(net::Descriptor descriptor) = 0;
        virtual void onRefused(std::string reason) = 0;
    };

    // Begins to connect to `hub`, from `source` unless the system is to choose; an error when that
    // fails at once. `observer` must outlive the dial.
    [[nodiscard]] static Result<std::unique_ptr<Dial>> begin(net::Loop& loop, const Endpoint& hub,
                                                             const std::optional<Endpoint>& source,
                                                             Observer& observer);
    ~Dial() override;

    void onReady(std::uint32_t events) override;

private:
    Dial(net::Loop& loop, net::Descriptor descriptor, Observer& observer);

    net::Loop& loop_;
    Observer& observer_;
    net::Descriptor descriptor_;
};

}  // namespace hub::ctl::sim
