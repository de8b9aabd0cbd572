#pragma once

#include "hub/metrics.h"
#include "hub/registration.h"
#include "hub/websocket.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::websocket {

class LinkTable;

// A count that one thread writes, as cheaply as a plain number, and others read.
class Tally {
public:
    void add(std::uint64_t count = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t value() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> value_{0};
};

// Close codes as labels; any that is not among them is the last.
inline constexpr std::array<std::pair<CloseCode, std::string_view>, 13> kCloseLabels{{
    {CloseCode::Normal, "1000"},
    {CloseCode::GoingAway, "1001"},
    {CloseCode::ProtocolError, "1002"},
    {CloseCode::UnsupportedPayload, "1003"},
    {CloseCode::NoStatus, "1005"},
    {CloseCode::AbnormalClosure, "none"},
    {CloseCode::InvalidPayload, "1007"},
    {CloseCode::PolicyViolation, "1008"},
    {CloseCode::MessageTooBig, "1009"},
    {CloseCode::InternalError, "1011"},
    {CloseCode::TryAgainLater, "1013"},
    {CloseCode::TakenOver, "4000"},
    {CloseCode{}, "other"},
}};

// What the links of one loop have done. Written by the loop's thread.
struct LinkCounts {
    Tally messages_in;  // text and binary ones
    Tally messages_out;
    Tally bytes_in;  // of frames
    Tally bytes_out;
    Tally messages_dropped;  // that waited for room in the event log when their link ended
    std::array<Tally, kCloseLabels.size()> closed;  // as kCloseLabels

    void countClosed(CloseCode code) noexcept;
};

// Brings what the links of all loops have done to the metrics whenever those are read.
class LinkMetrics {
public:
    // `tables` must outlive it, and be complete.
    LinkMetrics(Metrics& metrics, const std::vector<std::unique_ptr<LinkTable>>& tables);

private:
    // A counter, and how much of what it counts it knows already.
    struct Known {
        Counter& counter;
        std::uint64_t count = 0;
    };

    void update();

    const std::vector<std::unique_ptr<LinkTable>>& tables_;
    Gauge& links_;
    Known messages_in_;
    Known messages_out_;
    Known bytes_in_;
    Known bytes_out_;
    Known messages_dropped_;
    std::vector<Known> closed_;  // as kCloseLabels
    Registration before_read_;   // goes first
};

}  // namespace hub::websocket
