#pragma once

#include "hub/api.h"
#include "hub/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace hub {

// An MQTT topic filter (MQTT 5, 4.7): levels separated by `/`; `+` stands for one level, `#` as the
// last level for any number of them, the parent included. A value; any thread.
class HUB_API TopicFilter {
public:
    static constexpr std::size_t kMaxBytes = 1024;

    // Matches everything, `#`.
    TopicFilter();

    // Error Invalid: empty or longer than kMaxBytes, not UTF-8, with a NUL; `+` or `#` beside other
    // characters in a level; `#` not at the end.
    [[nodiscard]] static Result<TopicFilter> parse(std::string_view text);

    [[nodiscard]] bool matches(std::string_view topic) const noexcept;
    // As matches("devices/" + device_id + "/" + name), without making that.
    [[nodiscard]] bool matchesDevice(std::string_view device_id,
                                     std::string_view name) const noexcept;

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    explicit TopicFilter(std::string_view text) : text_(text) {}

    std::string text_;
};

}  // namespace hub
