#pragma once

#include "hub/command.h"
#include "hub/commands.h"
#include "hub/device.h"
#include "hub/result.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hub::commands {

// A device that a request is for.
struct Addressee {
    DeviceIndex device{};
    std::shared_ptr<const std::string> id;  // shared with the registry, which owns it
    bool online = false;
};

// What the commands need of the devices. Any thread.
class DeviceDirectory {
public:
    virtual ~DeviceDirectory() = default;

    // Whom a request is for, each once: of ids exactly those; of the others who is online, or with
    // `offline_too` every known one. NotFound names the first of the ids that is not known.
    [[nodiscard]] virtual Result<std::vector<Addressee>> resolve(const CommandTargets& targets,
                                                                 bool offline_too) const = 0;

    // Null, or nothing, for a device that is not known (any more).
    [[nodiscard]] virtual std::shared_ptr<const std::string> idOf(DeviceIndex device) const = 0;
    [[nodiscard]] virtual std::optional<Device> find(DeviceIndex device) const = 0;

    // Gives a command to the link of the device. Returns at once.
    [[nodiscard]] virtual Delivery deliver(DeviceIndex device, const Command& command) = 0;
};

}  // namespace hub::commands
