#pragma once

#include "net/descriptor.h"
#include "net/loop.h"

#include <csignal>
#include <functional>

namespace hub::ctl::sim {

// Turns SIGINT and SIGTERM into calls on a loop's thread, as long as it lives. The signals are
// blocked for the calling thread and those it starts meanwhile.
class StopSignals final : public net::Pollable {
public:
    // Throws std::system_error.
    StopSignals(net::Loop& loop, std::function<void()> stop);
    ~StopSignals() override;
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    void onReady(std::uint32_t events) override;

private:
    net::Loop& loop_;
    const std::function<void()> stop_;
    sigset_t previous_{};  // mask of the thread
    net::Descriptor descriptor_;
};

}  // namespace hub::ctl::sim
