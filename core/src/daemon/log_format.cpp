#include "daemon/log_format.h"

#include "hub/http.h"
#include "hub/time.h"

#include <algorithm>

namespace hub::daemon {
namespace {

constexpr std::size_t kMaxMessage = kMaxLogLine - 256;

void appendEscaped(std::string& out, char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
        out += c;
    } else if (c == '\n') {
        out += "\\n";
    } else {
        out += "\\x";
        out += kDigits[byte >> 4];
        out += kDigits[byte & 0xf];
    }
}

std::string textLine(const LogLine& line) {
    constexpr std::size_t kToMilliseconds = 23;  // of `2026-11-23T16:40:03.120345Z`
    std::string text = formatTimestamp(line.time).substr(0, kToMilliseconds);
    text.append("Z ").append(toString(line.level)).append(" ").append(line.logger);
    text.append(": ").append(line.message);
    return text += '\n';
}

std::string jsonLine(const LogLine& line, std::string_view message) {
    std::string json = R"({"time":")";
    appendTimestamp(json, line.time);
    json.append(R"(","level":")").append(toString(line.level)).append(R"(","logger":)");
    appendJsonString(json, line.logger);
    json += R"(,"message":)";
    appendJsonString(json, message);
    return json += "}\n";
}

}  // namespace

std::string formatLine(const LogLine& line, LogFormat format) {
    switch (format) {
        case LogFormat::Text:
            return textLine(line);
        case LogFormat::Json:
            break;
    }
    std::string_view message = line.message;
    std::string json = jsonLine(line, message);
    // How much escaping adds is known only afterwards.
    while (json.size() > kMaxLogLine && !message.empty()) {
        message = message.substr(0, message.size() / 2);
        json = jsonLine(line, message);
    }
    return json;
}

bool beginsLikeLog(std::string_view text) noexcept {
    constexpr std::string_view kTime = "0000-00-00T00:00:00.000";
    const auto fits = [](char expected, char given) {
        return expected == '0' ? given >= '0' && given <= '9' : given == expected;
    };
    return text.starts_with(R"({"time":")") ||
           std::ranges::equal(kTime, text.substr(0, kTime.size()), fits);
}

std::string oneLine(std::string_view message) {
    std::string line;
    for (const char c : message) {
        if (line.size() >= kMaxMessage) {
            return line + "...";
        }
        appendEscaped(line, c);
    }
    return line;
}

}  // namespace hub::daemon
