#pragma once

#include "commands/recipient.h"
#include "hub/command.h"
#include "hub/commands.h"
#include "hub/device.h"
#include "hub/result.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hub::commands {

// What the commands need of the devices. Any thread.
class DeviceDirectory {
public:
    virtual ~DeviceDirectory() = default;

    // Whom a request is for, each once: of ids exactly those; of the others who is online, or with
    // `offline_too` every known one. NotFound names the first of the ids that is not known.
    [[nodiscard]] virtual Result<std::vector<Recipient>> resolve(const CommandTargets& targets,
                                                                 bool offline_too) const = 0;

    // False, or nothing, for a device that is not known (any more).
    [[nodiscard]] virtual bool knows(DeviceIndex device) const = 0;
    [[nodiscard]] virtual std::optional<Device> find(DeviceIndex device) const = 0;

    // Also of one that is just being forgotten, until its last event is written: then null.
    [[nodiscard]] virtual std::shared_ptr<const std::string> idOf(DeviceIndex device) const = 0;

    // Gives a command to the link of the device. Returns at once.
    [[nodiscard]] virtual Delivery deliver(DeviceIndex device, const Command& command) = 0;
};

}  // namespace hub::commands
