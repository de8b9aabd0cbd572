#pragma once

#include "hub/command.h"
#include "hub/device.h"
#include "hub/history.h"
#include "hub/time.h"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hub::http_api {

// How a command went with each of its devices, told by its stored changes.
class CommandTargetList {
public:
    // Of one device, acknowledgements that came after its outcome and are shown: the first ones.
    static constexpr std::size_t kMaxLateAcks = 100;

    // The next change; from the oldest on.
    void add(const CommandTargetRow& row);

    // Appends a list with one object for each device, in the order of recording. Devices that were
    // forgotten since are left out.
    void append(std::string& json) const;

private:
    struct LateAck {
        TargetStatus status;
        Timestamp time;
        std::string response;  // JSON, "" for none
    };
    struct Target {
        std::string device_id;
        TargetStatus status = TargetStatus::Pending;
        std::string reason;
        std::string response;  // JSON, "" for none
        std::optional<Timestamp> pending;
        std::optional<Timestamp> queued;
        std::optional<Timestamp> sent;
        std::optional<Timestamp> completed;
        std::vector<LateAck> late_acks;
    };

    static void append(std::string& json, const Target& target);

    std::vector<Target> targets_;
    std::unordered_map<DeviceIndex, std::size_t> places_;  // in targets_
};

}  // namespace hub::http_api
