#pragma once

#include <cstdint>
#include <string>

namespace hub {

// What an operator wants a device to do.
struct Command {
    std::string id;       // chosen by the hub; a device answers with it
    std::string name;     // `forward`, `start_recording`, ...
    std::string payload;  // a JSON object as text
};

// What became of handing a command to a transport.
enum class Delivery : std::uint8_t {
    Accepted,     // on its way; whether the device got it, its acknowledgement tells
    Busy,         // the outgoing queue of the device is full
    Unreachable,  // the link is gone
};

}  // namespace hub
