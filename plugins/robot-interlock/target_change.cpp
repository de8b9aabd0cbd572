#include "target_change.h"

#include <simdjson.h>

#include <cstdint>
#include <string_view>

namespace hub::robot_interlock {

namespace {

namespace dom = simdjson::dom;

std::optional<ServoMove> moveIn(const dom::element& payload) {
    std::uint64_t channel = 0;
    double angle = 0;
    if (payload["channel"].get(channel) || payload["angle"].get(angle)) return std::nullopt;
    if (channel >= ServoMove::kChannels || !(angle >= 0 && angle <= ServoMove::kMaxAngle)) {
        return std::nullopt;
    }
    return ServoMove{channel, angle};
}

}  // namespace

std::optional<TargetChange> targetChangeOf(const Event& event) {
    if (event.kind != EventKind::CommandTarget) return std::nullopt;
    dom::parser parser;
    dom::element document;
    std::string_view id;
    std::string_view name;
    std::string_view word;
    if (parser.parse(event.payload.data(), event.payload.size()).get(document) ||
        document["command_id"].get(id) || document["command_name"].get(name) ||
        document["status"].get(word)) {
        return std::nullopt;
    }
    const auto status = targetStatusFrom(word);
    bool late = false;
    if (!status || (!document["late"].get(late) && late)) return std::nullopt;
    TargetChange change{
        {std::string(id), std::string(event.device_id)}, std::string(name), *status, std::nullopt};
    dom::element payload;
    if (!document["payload"].get(payload)) change.move = moveIn(payload);
    return change;
}

}  // namespace hub::robot_interlock
