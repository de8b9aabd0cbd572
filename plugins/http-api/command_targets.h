#pragma once

#include "hub/command.h"
#include "hub/device.h"
#include "hub/history.h"
#include "hub/time.h"

#include <cstddef>
#include <optional>
#include <string>

namespace hub::http_api {

// How a command went with its devices, told by their stored changes: one page of `targets`. It
// holds one target at a time.
class CommandTargetPage {
public:
    // Of one device, acknowledgements that came after its outcome and are shown: the first ones.
    static constexpr std::size_t kMaxLateAcks = 100;

    // Appends to `json`, which must outlive it, at most `limit` objects, one for each device, and
    // fewer when they would grow beyond kMaxRowsBytes.
    CommandTargetPage(std::string& json, std::size_t limit) : json_(json), limit_(limit) {}

    // The next change: device by device, of each the oldest first. False when the page is full: the
    // change is for the next one.
    [[nodiscard]] bool add(const CommandTargetRow& row);
    // There are no more changes, or the page is full.
    void end();

    [[nodiscard]] std::size_t total() const noexcept { return total_; }
    // With whom the next page begins; nothing when this is the last one.
    [[nodiscard]] std::optional<DeviceIndex> next() const noexcept { return next_; }

private:
    struct Target {
        DeviceIndex device{};
        std::string device_id;
        TargetStatus status = TargetStatus::Pending;
        std::string reason;
        std::string response;  // JSON, "" for none
        std::optional<Timestamp> pending;
        std::optional<Timestamp> queued;
        std::optional<Timestamp> sent;
        std::optional<Timestamp> completed;
        std::string late_acks;  // the items of a JSON list
        std::size_t late_ack_count = 0;
    };

    static void change(Target& target, const CommandTargetRow& row);
    static void addLateAck(Target& target, const CommandTargetRow& row);

    std::string& json_;
    const std::size_t limit_;
    std::size_t total_ = 0;
    std::optional<Target> target_;  // whose changes come just now
    std::optional<DeviceIndex> next_;
};

}  // namespace hub::http_api
