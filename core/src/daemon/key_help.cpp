#include "daemon/key_help.h"

namespace hub::daemon {
namespace {

std::string rangeOf(const Option& option) {
    if (option.min == 0 && option.max == 0) {
        return "";
    }
    return ", " + std::to_string(option.min) + " to " + std::to_string(option.max);
}

std::string formOf(const Option& option) {
    switch (option.type) {
        case Option::Type::Text:
            return "text";
        case Option::Type::Flag:
            return "true or false";
        case Option::Type::Number:
            return "number" + rangeOf(option);
        case Option::Type::Duration:
            return "seconds, or as in 90s, 15m, 12h, 30d" + rangeOf(option);
        case Option::Type::Bytes:
            return "bytes, as in 4096, 64k, 16M, 1G" + rangeOf(option);
    }
    return "";
}

}  // namespace

std::string keyHelp(std::string_view heading, std::span<const Option> options) {
    if (options.empty()) {
        return "";
    }
    std::string text = "\nKeys of " + std::string(heading) + "\n";
    for (const Option& option : options) {
        text.append("  ").append(option.name).append(" = ").append(option.default_value);
        text.append("\n      ").append(option.meaning);
        text.append(" (").append(formOf(option)).append(")\n");
    }
    return text;
}

}  // namespace hub::daemon
