#pragma once

#include "hub/metrics.h"
#include "hub/registration.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hub::http {

// Why the front door itself refuses a request or gives up a client.
enum class RefusalReason : std::uint8_t {
    HeadTimeout,
    BodyTimeout,
    BadRequest,
    TooLarge,
    Busy,
    SlowReader,
    Origin,
};

// What the front door counts. Any thread.
class HttpMetrics {
public:
    explicit HttpMetrics(Metrics& metrics);
    HttpMetrics(const HttpMetrics&) = delete;
    HttpMetrics& operator=(const HttpMetrics&) = delete;

    // A response was handed over; `method` is "" for a request that could not be read.
    void responded(std::string_view method, int status) noexcept;
    // That long after the request's head had come.
    void took(std::chrono::duration<double> seconds) noexcept;
    void refused(RefusalReason reason) noexcept;

    void connectionOpened() noexcept { ++connections_; }
    void connectionClosed() noexcept { --connections_; }
    void streamOpened() noexcept { ++streams_; }
    void streamClosed() noexcept { --streams_; }

private:
    static constexpr std::array<std::string_view, 7> kMethods{"GET",    "HEAD",    "POST", "PUT",
                                                              "DELETE", "OPTIONS", "other"};
    static constexpr std::array<std::string_view, 4> kClasses{"2xx", "3xx", "4xx", "5xx"};
    static constexpr std::array<std::string_view, 7> kReasons{
        "head_timeout", "body_timeout", "bad_request", "too_large",
        "busy",         "slow_reader",  "origin"};

    // Constant after construction.
    std::array<std::array<Counter*, kClasses.size()>, kMethods.size()> requests_{};
    std::array<Counter*, kReasons.size()> refusals_{};
    Histogram& seconds_;

    std::atomic<std::int64_t> connections_ = 0;
    std::atomic<std::int64_t> streams_ = 0;

    Registration before_read_;  // goes first: it reads the counts
};

}  // namespace hub::http
