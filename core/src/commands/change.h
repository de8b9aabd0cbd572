#pragma once

#include "hub/command.h"
#include "hub/device.h"
#include "hub/event.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub::commands {

// What becomes one event: a command was asked for, or how it stands with one of its devices has
// changed.
struct Change {
    std::shared_ptr<const CommandRecord> record;
    CommandChange told;                         // its `record` is the one above
    EventKind kind = EventKind::CommandTarget;  // or CommandRecorded: then of no device
    bool first = false;                         // the first of this device: it carries the payload
    DeviceIndex device{};
    std::shared_ptr<const std::string> device_id;  // filled in by whoever knows the devices
    // A reason as a sentence, or of an acknowledgement the device's response as JSON: "" where
    // there is none. Valid as long as what was given to the call that made the change.
    std::string_view text;
    // From sending to this acknowledgement. Acknowledgements in time only.
    std::chrono::nanoseconds took{};
};

using Changes = std::vector<Change>;

}  // namespace hub::commands
