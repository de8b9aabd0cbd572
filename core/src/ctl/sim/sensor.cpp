#include "ctl/sim/sensor.h"

#include "hub/http.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hub::ctl::sim {

namespace {

// A step of a random walk that is drawn back to `home`, so that it stays near it for days.
float walk(float value, float home, float stride, std::minstd_rand& random) {
    std::uniform_real_distribution<float> step(-stride, stride);
    return value + (home - value) * 0.01F + step(random);
}

void appendNumber(std::string& out, std::string_view key, float value) {
    char digits[32];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, 2);
    out.append(key).append(digits, end.ptr);
}

}  // namespace

Sensor::Sensor(std::string id, std::string type, std::chrono::nanoseconds interval,
               std::minstd_rand::result_type seed, Statistics& statistics)
    : SimulatedDevice(std::move(id)),
      type_(std::move(type)),
      interval_(interval),
      statistics_(statistics),
      random_(seed) {
    std::uniform_real_distribution<float> spread(-3, 3);
    current_ = {.taken_at = {},
                .temperature = 21 + spread(random_),
                .humidity = 48 + spread(random_),
                .battery = 96 + spread(random_)};
}

void Sensor::onOpen(SteadyTime now, Uplink& uplink) {
    std::string document = R"({"message_type":"registration","device_type":)";
    appendJsonString(document, type_);
    document +=
        R"(,"metadata":{"firmware_version":"2.3.1","sensors":["temperature","humidity","battery"],)"
        R"("tags":["simulated"]}})";
    uplink.send(document);

    next_to_send_ = first_number_;
    if (std::exchange(begun_, true)) return;
    if (interval_ == interval_.zero()) {
        next_reading_ = SteadyTime::max();
    } else {
        // Sensors that start together must not report together.
        std::uniform_real_distribution<double> phase(0, 1);
        next_reading_ =
            now + std::chrono::duration_cast<SteadyTime::duration>(interval_ * phase(random_));
    }
}

void Sensor::onMessage(const HubMessage& message, SteadyTime now, Uplink& /*uplink*/) {
    const bool answer =
        message.kind == HubMessage::Kind::Ack || message.kind == HubMessage::Kind::Error;
    if (answer && message.number) settle(message, now);
}

SteadyTime Sensor::onTime(SteadyTime now, Uplink& uplink) {
    if (next_reading_ < now - kMaxLag) next_reading_ = now;
    while (next_reading_ <= now) {
        takeReading(now);
        next_reading_ += interval_;
    }
    sendReadings(uplink);
    return next_reading_;
}

void Sensor::takeReading(SteadyTime now) {
    current_.taken_at = now;
    current_.temperature = walk(current_.temperature, 21, 0.08F, random_);
    current_.humidity = std::clamp(walk(current_.humidity, 48, 0.2F, random_), 0.0F, 100.0F);
    current_.battery -= 0.0005F;
    if (current_.battery < 5) current_.battery = 100;

    if (readings_.size() == kMaxWaiting) giveUpOldest();
    readings_.push_back(current_);
    ++waiting_;
    ++statistics_.waiting;
}

void Sensor::sendReadings(Uplink& uplink) {
    const std::uint64_t end = first_number_ + readings_.size();
    std::string document;
    for (; next_to_send_ < end && uplink.hasRoom(); ++next_to_send_) {
        const Reading& reading = readings_[next_to_send_ - first_number_];
        if (reading.settled) continue;
        document = R"({"message_type":"status","msg_id":)";
        document += std::to_string(next_to_send_);
        appendNumber(document, R"(,"payload":{"temperature":)", reading.temperature);
        appendNumber(document, R"(,"humidity":)", reading.humidity);
        appendNumber(document, R"(,"battery":)", reading.battery);
        document += "}}";
        uplink.send(document);
        if (next_to_send_ <= ever_sent_) ++statistics_.sent_again;
        ever_sent_ = std::max(ever_sent_, next_to_send_);
    }
}

void Sensor::settle(const HubMessage& answer, SteadyTime now) {
    const std::uint64_t number = *answer.number;
    const bool acknowledged = answer.kind == HubMessage::Kind::Ack;
    if (number < first_number_) {
        if (acknowledged && number < given_up_below_) ++statistics_.late;
        return;
    }
    if (number - first_number_ >= readings_.size()) return;
    Reading& reading = readings_[number - first_number_];
    if (std::exchange(reading.settled, true)) return;

    if (acknowledged) statistics_.acknowledge(now - reading.taken_at);
    --statistics_.waiting;
    --waiting_;
    if (readings_.front().settled) dropOldest();
}

// The oldest one waits: see dropOldest.
void Sensor::giveUpOldest() noexcept {
    ++statistics_.given_up;
    --statistics_.waiting;
    --waiting_;
    given_up_below_ = first_number_ + 1;
    dropOldest();
}

// Drops settled ones behind it, too: the oldest that is kept always waits.
void Sensor::dropOldest() noexcept {
    do {
        readings_.pop_front();
        ++first_number_;
    } while (!readings_.empty() && readings_.front().settled);
    next_to_send_ = std::max(next_to_send_, first_number_);
}

}  // namespace hub::ctl::sim
