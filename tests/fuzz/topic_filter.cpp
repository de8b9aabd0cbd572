// Feeds the topic filter with two lines, a filter and a topic, and compares its answer with the
// plainest matcher there is.
#include "hub/topic_filter.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Levels = std::vector<std::string>;

Levels levelsOf(std::string_view text) {
    Levels levels(1);
    for (const char c : text) {
        if (c == '/') {
            levels.emplace_back();
        } else {
            levels.back() += c;
        }
    }
    return levels;
}

// MQTT 5, 4.7.1.
bool matches(std::span<const std::string> filter, std::span<const std::string> topic) {
    if (filter.empty()) return topic.empty();
    if (filter.front() == "#") return true;
    if (topic.empty() || (filter.front() != "+" && filter.front() != topic.front())) return false;
    return matches(filter.subspan(1), topic.subspan(1));
}

const char* objection(std::string_view text, std::string_view topic) {
    const auto filter = hub::TopicFilter::parse(text);
    if (!filter) return filter.error().message.empty() ? "refused without a reason" : nullptr;
    const Levels wanted = levelsOf(text);
    const Levels levels = levelsOf(topic);
    // MQTT 5, 4.7.2.
    const bool reserved = topic.starts_with('$') && !text.starts_with('$');
    if (filter->matches(topic) != (!reserved && matches(wanted, levels))) return "another answer";
    if (levels.size() != 2) return nullptr;
    const std::vector<std::string> of_device{"devices", levels[0], levels[1]};
    return filter->matchesDevice(levels[0], levels[1]) == matches(wanted, of_device)
               ? nullptr
               : "another answer for a device";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(bytes), size};
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return 0;
    const char* const wrong = objection(text.substr(0, end), text.substr(end + 1));
    if (wrong == nullptr) return 0;
    std::fprintf(stderr, "%s\n", wrong);
    std::abort();
}
