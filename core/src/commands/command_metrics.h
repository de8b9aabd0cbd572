#pragma once

#include "commands/change.h"
#include "hub/command.h"
#include "hub/metrics.h"
#include "hub/registration.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>

namespace hub::commands {

// What is counted and measured of commands. The ledger thread writes, any thread reads.
class CommandMetrics {
public:
    explicit CommandMetrics(Metrics& metrics);

    // These changes are told.
    void count(const Changes& changes) noexcept;
    // A command was given to a device's link, so long after it was submitted.
    void sent(std::chrono::nanoseconds took) noexcept;
    void setOpen(std::size_t targets) noexcept { open_.store(targets, std::memory_order_relaxed); }
    // Of acknowledgements that are kept as events of their devices only.
    [[nodiscard]] Counter& droppedAcks() noexcept { return dropped_acks_; }

private:
    // Constant after construction.
    std::array<Counter*, kTargetStatuses> outcomes_;  // by status; null for open ones
    Histogram& ack_seconds_;
    Histogram& send_seconds_;
    Counter& dropped_acks_;

    std::atomic<std::size_t> open_ = 0;

    const Registration before_metrics_read_;  // last: it reads what stands above
};

}  // namespace hub::commands
