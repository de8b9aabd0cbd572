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

// What a change tells beside its status; "" where there is nothing. Valid as long as what was given
// to the call that made the change.
struct ChangeTexts {
    std::string_view reason;    // a sentence
    std::string_view response;  // of an acknowledgement: what the device answered, as JSON
};

// What becomes one event: a command was asked for, or how it stands with one of its devices has
// changed.
struct Change {
    std::shared_ptr<const CommandRecord> record;
    CommandChange told;                         // its `record` is the one above
    EventKind kind = EventKind::CommandTarget;  // or CommandRecorded: then of no device
    bool first = false;                         // the first of this device: it carries the payload
    DeviceIndex device{};
    // Of a command that is just recorded; otherwise filled in by whoever knows the devices.
    std::shared_ptr<const std::string> device_id;
    ChangeTexts texts;
    // From sending to this acknowledgement. Acknowledgements in time only.
    std::chrono::nanoseconds took{};
};

using Changes = std::vector<Change>;

}  // namespace hub::commands
