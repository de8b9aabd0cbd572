#pragma once

#include "ctl/sim/hub_message.h"
#include "ctl/sim/simulated_device.h"
#include "ctl/sim/statistics.h"
#include "hub/device_message.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::ctl::sim {

// A link that keeps what is sent on it.
class RecordingUplink final : public Uplink {
public:
    [[nodiscard]] bool hasRoom() const noexcept override { return sent.size() < room; }
    void send(std::string_view document) override { sent.emplace_back(document); }

    std::vector<std::string> sent;
    std::size_t room = static_cast<std::size_t>(-1);
};

// A simulated device, a hub that answers it, and time that moves when told to. Every document is
// checked by the hub's own decoder.
class DeviceFixture : public testing::Test {
protected:
    // A link opens. Returns what the device sends then.
    std::vector<std::string> opens(SimulatedDevice& device) {
        uplink_.sent.clear();
        device.onOpen(now_, uplink_);
        next_ = device.onTime(now_, uplink_);
        return taken();
    }

    // Time passes; the device is called when it asked to be, and at no other time.
    std::vector<std::string> passes(SimulatedDevice& device, std::chrono::nanoseconds time) {
        const SteadyTime until = now_ + time;
        while (next_ <= until) {
            now_ = std::max(now_, next_);
            next_ = device.onTime(now_, uplink_);
        }
        now_ = until;
        return taken();
    }

    // Time passes while there is no link.
    void passesOffline(std::chrono::nanoseconds time) { now_ += time; }

    std::vector<std::string> hears(SimulatedDevice& device, std::string_view document) {
        const auto message = reader_.read(document);
        EXPECT_TRUE(message) << document;
        device.onMessage(*message, now_, uplink_);
        next_ = device.onTime(now_, uplink_);
        return taken();
    }

    static std::string ack(std::uint64_t number) {
        return R"({"message_type":"ack","msg_id":)" + std::to_string(number) + "}";
    }

    static std::string command(std::string_view id, std::string_view name,
                               std::string_view payload = "{}") {
        std::string text = R"({"message_type":"command","command_id":")";
        text.append(id).append(R"(","command_name":")").append(name);
        return text.append(R"(","payload":)").append(payload).append("}");
    }

    // The message types of documents, in order.
    std::vector<std::string> types(const std::vector<std::string>& documents) {
        std::vector<std::string> names;
        for (const std::string& document : documents) names.emplace_back(decode(document).name);
        return names;
    }

    // The numbers that status messages carry.
    std::vector<std::string> numbers(const std::vector<std::string>& documents) {
        std::vector<std::string> ids;
        for (const std::string& document : documents) {
            const DeviceMessage& message = decode(document);
            if (message.type == MessageType::Status) ids.emplace_back(message.message_id);
        }
        return ids;
    }

    // Views are valid until the next call.
    const DeviceMessage& decode(const std::string& document) {
        EXPECT_TRUE(decoder_.decode(document)) << decoder_.error().message << " in " << document;
        return decoder_.message();
    }

    Statistics statistics_;
    SteadyTime now_{std::chrono::hours(1)};
    RecordingUplink uplink_;

private:
    std::vector<std::string> taken() { return std::exchange(uplink_.sent, {}); }

    HubMessageReader reader_;
    DeviceMessageDecoder decoder_;
    SteadyTime next_ = SteadyTime::max();
};

}  // namespace hub::ctl::sim
