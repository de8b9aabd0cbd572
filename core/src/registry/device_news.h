#pragma once

#include "hub/device.h"
#include "hub/device_message.h"

#include <functional>

namespace hub::registry {

// What the registry tells whoever sends commands to devices. Each may be empty: then it is not
// told. No lock is held meanwhile.
struct DeviceNews {
    // The device is online, so that commands reach it, and its first message taken. On the thread
    // of its link; must return at once.
    std::function<void(DeviceIndex)> came_online;
    // It has acknowledged a command. That message is an event of its own, which is on its way to
    // the log: at the latest at the end of the turn. As above; the views are valid during the call.
    std::function<void(DeviceIndex, const DeviceMessage&)> acknowledged;
    // It is not known any more; the last of its events is written when this has returned. On the
    // thread that forgets it; may wait for a moment.
    std::function<void(DeviceIndex)> forgetting;
};

}  // namespace hub::registry
