#include "hub/event.h"

namespace hub {

std::string_view toString(EventKind kind) noexcept {
    switch (kind) {
        case EventKind::Connected:
            return "connected";
        case EventKind::Disconnected:
            return "disconnected";
        case EventKind::Registration:
            return "registration";
        case EventKind::Status:
            return "status";
        case EventKind::Message:
            return "message";
        case EventKind::Forgotten:
            return "forgotten";
        case EventKind::CommandRecorded:
            return "command_recorded";
        case EventKind::CommandTarget:
            return "command_target";
    }
    return "";
}

std::string topicOf(const Event& event) {
    constexpr std::string_view kRoot = "devices/";
    std::string topic;
    topic.reserve(kRoot.size() + event.device_id.size() + 1 + event.name.size());
    topic.append(kRoot).append(event.device_id).append("/").append(event.name);
    return topic;
}

}  // namespace hub
