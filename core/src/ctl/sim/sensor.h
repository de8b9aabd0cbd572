#pragma once

#include "ctl/sim/simulated_device.h"
#include "ctl/sim/statistics.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>

namespace hub::ctl::sim {

// A sensor that takes a reading (temperature, humidity, battery) at a fixed interval and keeps it
// until the hub has acknowledged or refused it: delivery at least once. Readings that wait when a
// link opens are sent (again), oldest first; of more than kMaxWaiting the oldest are given up.
class Sensor final : public SimulatedDevice {
public:
    static constexpr std::size_t kMaxWaiting = 1'000;
    // A sensor that could not run for longer than this (a machine asleep, a link away) goes on from
    // now, rather than make up for every reading it missed.
    static constexpr std::chrono::seconds kMaxLag{1};

    // `interval` zero: registers and then says nothing. `seed` decides the readings, and where
    // within the first interval they begin. `statistics` must outlive the sensor.
    Sensor(std::string id, std::string type, std::chrono::nanoseconds interval,
           std::minstd_rand::result_type seed, Statistics& statistics);

    void onOpen(SteadyTime now, Uplink& uplink) override;
    void onMessage(const HubMessage& message, SteadyTime now, Uplink& uplink) override;
    SteadyTime onTime(SteadyTime now, Uplink& uplink) override;
    void retire() noexcept override { next_reading_ = SteadyTime::max(); }
    [[nodiscard]] std::size_t waiting() const noexcept override { return waiting_; }

private:
    struct Reading {
        SteadyTime taken_at;
        float temperature;     // degrees Celsius
        float humidity;        // percent
        float battery;         // percent
        bool settled = false;  // acknowledged or refused
    };

    void takeReading(SteadyTime now);
    void sendReadings(Uplink& uplink);
    void settle(const HubMessage& answer, SteadyTime now);
    void giveUpOldest() noexcept;
    void dropOldest() noexcept;

    // Constant after construction.
    const std::string type_;
    const std::chrono::nanoseconds interval_;
    Statistics& statistics_;

    std::minstd_rand random_;
    Reading current_{};
    SteadyTime next_reading_{};
    bool begun_ = false;

    // Numbered from 1 on without gaps; the number is the `msg_id`.
    std::deque<Reading> readings_;
    std::uint64_t first_number_ = 1;    // of readings_.front()
    std::uint64_t next_to_send_ = 1;    // on this link
    std::uint64_t ever_sent_ = 0;       // the highest number that was ever sent
    std::uint64_t given_up_below_ = 0;  // one more than the highest number ever given up
    std::size_t waiting_ = 0;           // readings not settled
};

}  // namespace hub::ctl::sim
