#include "hub/event.h"

namespace hub {

std::string topicOf(const Event& event) {
    constexpr std::string_view kRoot = "devices/";
    std::string topic;
    topic.reserve(kRoot.size() + event.device_id.size() + 1 + event.name.size());
    topic.append(kRoot).append(event.device_id).append("/").append(event.name);
    return topic;
}

}  // namespace hub
