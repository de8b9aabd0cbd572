#pragma once

#include "hub/command.h"
#include "hub/device.h"

#include <memory>
#include <string>

namespace hub::commands {

// A device that a command is for, and how that stands until the first answer.
struct Recipient {
    DeviceIndex device{};
    TargetStatus status = TargetStatus::Pending;
    bool online = false;                         // when it was found
    std::shared_ptr<const std::string> id = {};  // shared with the registry, which owns it
    std::string reason = {};                     // a sentence where there is more to say
};

}  // namespace hub::commands
