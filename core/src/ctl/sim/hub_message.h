#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace hub::ctl::sim {

// One document the hub sent to a device. Views are valid until its reader's next call.
struct HubMessage {
    enum class Kind : std::uint8_t {
        Ack,      // what carried `number` as its `msg_id` is durable
        Command,  // do `command_name`, answer with `command_id`
        Error,    // what the device sent was refused; `error` says why
        Other,    // something newer than this program
    };

    Kind kind = Kind::Other;
    std::optional<std::uint64_t> number;
    std::string_view command_id;
    std::string_view command_name;
    std::optional<double> channel;  // of the command's payload: which servo
    std::optional<double> angle;    // of the command's payload: where to
    std::string_view error;
};

// Reads the hub's documents. One thread; one reader serves any number of devices.
class HubMessageReader {
public:
    HubMessageReader();
    ~HubMessageReader();
    HubMessageReader(const HubMessageReader&) = delete;
    HubMessageReader& operator=(const HubMessageReader&) = delete;

    // Nothing for a text that is no JSON object with a `message_type`.
    [[nodiscard]] std::optional<HubMessage> read(std::string_view text);

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace hub::ctl::sim
