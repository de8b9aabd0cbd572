#pragma once

#include "hub/device.h"
#include "hub/device_message.h"

#include <functional>
#include <memory>
#include <string>

namespace hub::registry {

// What the registry tells whoever sends commands to devices. Each may be empty: then it is not
// told. No lock is held meanwhile.
struct DeviceNews {
    // The device is online and its first message taken: commands reach it from now on. On the
    // thread of its link; must return at once.
    std::function<void(DeviceIndex)> came_online;
    // It has acknowledged a command, and that message is an event of its own already. As above; the
    // views are valid during the call.
    std::function<void(DeviceIndex, const DeviceMessage&)> acknowledged;
    // It is not known any more; the last of its events is written when this has returned. On the
    // thread that forgets it; may wait for a moment.
    std::function<void(DeviceIndex, const std::string& id)> forgetting;
};

}  // namespace hub::registry
