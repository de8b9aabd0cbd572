#include "hub/topic_filter.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace hub {

namespace {

using Level = std::optional<std::string_view>;

// The levels of a topic, one after the other; behind the last one nothing.
class Levels {
public:
    explicit Levels(std::string_view text) noexcept : rest_(text) {}

    Level next() noexcept {
        if (!rest_) return std::nullopt;
        const std::size_t end = rest_->find('/');
        const std::string_view level = rest_->substr(0, end);
        if (end == std::string_view::npos) {
            rest_.reset();
        } else {
            rest_->remove_prefix(end + 1);
        }
        return level;
    }

private:
    Level rest_;
};

// Whether the levels that `next_topic_level` gives match the filter (MQTT 5, 4.7.1).
template <class NextLevel>
bool matchLevels(std::string_view filter, NextLevel next_topic_level) noexcept {
    Levels wanted(filter);
    while (const Level want = wanted.next()) {
        if (*want == "#") return true;  // also where the topic has ended: `a/#` matches `a`
        const Level have = next_topic_level();
        if (!have || (*want != "+" && *want != *have)) return false;
    }
    return !next_topic_level();
}

// Well-formed UTF-8 without NUL (MQTT 5, 1.5.4; RFC 3629).
bool isTopicText(std::string_view text) noexcept {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (lead == 0 || (lead >= 0x80 && lead < 0xC2) || lead > 0xF4) return false;
        if (text.size() - i < length) return false;
        std::uint32_t point = length == 1 ? lead : lead & (0x7FU >> length);
        for (std::size_t k = 1; k < length; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            if ((byte & 0xC0) != 0x80) return false;
            point = point << 6 | (byte & 0x3F);
        }
        constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
        if (point < kLeast[length] || point > 0x10FFFF) return false;
        if (point >= 0xD800 && point <= 0xDFFF) return false;
        i += length;
    }
    return true;
}

Error invalid(std::string_view text, std::string_view why) {
    return {Error::Kind::Invalid,
            "topic filter '" + std::string(text) + "': " + std::string(why) +
                "; write levels separated by '/', '+' for any one level, '#' as the last level for "
                "all below, as in devices/+/status"};
}

}  // namespace

TopicFilter::TopicFilter() : text_("#") {}

Result<TopicFilter> TopicFilter::parse(std::string_view text) {
    if (text.empty()) return invalid(text, "it is empty");
    if (text.size() > kMaxBytes) {
        return invalid(text.substr(0, 0),
                       "it is longer than " + std::to_string(kMaxBytes) + " bytes");
    }
    if (!isTopicText(text)) return invalid(text.substr(0, 0), "it is not UTF-8 text without NUL");
    Levels levels(text);
    bool ended = false;
    while (const Level level = levels.next()) {
        if (ended) return invalid(text, "'#' is not its last level");
        if (level->size() > 1 && level->find_first_of("+#") != std::string_view::npos) {
            return invalid(text, "'+' and '#' stand for whole levels");
        }
        ended = *level == "#";
    }
    return TopicFilter(text);
}

bool TopicFilter::matches(std::string_view topic) const noexcept {
    // Wildcards do not reach what begins with `$` (MQTT 5, 4.7.2).
    if (topic.starts_with('$') && !text_.starts_with('$')) return false;
    Levels levels(topic);
    return matchLevels(text_, [&levels] { return levels.next(); });
}

bool TopicFilter::matchesDevice(std::string_view device_id, std::string_view name) const noexcept {
    const std::array<std::string_view, 3> topic{"devices", device_id, name};
    std::size_t at = 0;
    return matchLevels(text_, [&]() -> Level {
        if (at == topic.size()) return std::nullopt;
        return topic[at++];
    });
}

}  // namespace hub
