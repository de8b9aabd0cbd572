#include "ws_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace hub::ws_transport {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kLongestTimeout = 86'400;

constexpr std::array kOptions{
    Option{.name = "ws.message_limit",
           .type = Option::Type::Bytes,
           .default_value = "64k",
           .meaning = "The longest message a device may send; a longer one closes its link (1009).",
           .min = 1024,
           .max = 16 * 1024 * 1024},
    Option{.name = "ws.queue_limit",
           .type = Option::Type::Bytes,
           .default_value = "256k",
           .meaning = "What may wait for a device that does not read; more closes its link (1013).",
           .min = 4096,
           .max = 64 * 1024 * 1024},
    Option{.name = "ws.timeout",
           .type = Option::Type::Duration,
           .default_value = "90",
           .meaning = "A device that is silent for so many seconds is offline.",
           .min = 1,
           .max = kLongestTimeout},
    Option{.name = "ws.timeouts",
           .type = Option::Type::Text,
           .default_value = "",
           .meaning = "Other timeouts for some types of devices: esp32=90,sensor=30."},
    Option{.name = "ws.first_message",
           .type = Option::Type::Duration,
           .default_value = "10",
           .meaning = "Within so many seconds a new link must say its first message.",
           .min = 1,
           .max = 3600},
};

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kSpace = " \t";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::optional<milliseconds> parseSeconds(std::string_view text) noexcept {
    std::int64_t seconds = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc() || rest != end) return std::nullopt;
    if (seconds < 1 || seconds > kLongestTimeout) return std::nullopt;
    return std::chrono::seconds(seconds);
}

[[noreturn]] void rejectTimeout(std::string_view entry) {
    throw std::invalid_argument(
        "ws.timeouts: '" + std::string(entry) +
        "' is not a device type and its seconds from 1 to 86400: write it like "
        "esp32=90,sensor=30");
}

std::map<std::string, milliseconds, std::less<>> parseTimeouts(std::string_view list) {
    std::map<std::string, milliseconds, std::less<>> timeouts;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view entry = trimmed(list.substr(0, comma));
        const std::size_t equals = std::min(entry.find('='), entry.size());
        const std::string_view type = trimmed(entry.substr(0, equals));
        if (type.empty() || equals == entry.size()) rejectTimeout(entry);
        const auto timeout = parseSeconds(trimmed(entry.substr(equals + 1)));
        if (!timeout || !timeouts.emplace(type, *timeout).second) rejectTimeout(entry);
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return timeouts;
}

}  // namespace

milliseconds WsOptions::timeoutOf(std::string_view device_type) const {
    const auto found = timeouts.find(device_type);
    return found == timeouts.end() ? timeout : found->second;
}

std::span<const Option> declaredOptions() noexcept { return kOptions; }

WsOptions readOptions(const Options& options) {
    WsOptions read;
    read.limits.message_bytes = options.bytes("ws.message_limit");
    read.limits.queue_bytes = options.bytes("ws.queue_limit");
    read.limits.first_message = options.duration("ws.first_message");
    read.timeout = options.duration("ws.timeout");
    read.timeouts = parseTimeouts(options.text("ws.timeouts"));
    return read;
}

}  // namespace hub::ws_transport
