#include "commands/command_id.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>

namespace hub::commands {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

bool isDash(std::size_t at) noexcept { return at == 8 || at == 13 || at == 18 || at == 23; }

}  // namespace

std::string makeCommandId(Timestamp now) {
    const auto time = now.time_since_epoch();
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
    // RFC 9562, 6.2, method 3: the twelve bits behind the milliseconds are their fraction.
    const auto fraction = static_cast<std::uint64_t>((time - milliseconds).count()) * 4096 / 1000;
    const std::uint64_t high =
        static_cast<std::uint64_t>(milliseconds.count()) << 16 | std::uint64_t{7} << 12 | fraction;
    std::uint64_t random = 0;
    if (::getentropy(&random, sizeof(random)) != 0) {
        throw std::system_error(errno, std::generic_category(), "getentropy");
    }
    const std::uint64_t low = std::uint64_t{2} << 62 | random >> 2;  // the variant, then 62 bits

    std::string id;
    id.reserve(kCommandIdLength);
    for (const std::uint64_t half : {high, low}) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            if (isDash(id.size())) id += '-';
            id += kDigits[half >> shift & 0xF];
        }
    }
    return id;
}

bool looksLikeCommandId(std::string_view text) noexcept {
    if (text.size() != kCommandIdLength) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool fits =
            isDash(i) ? text[i] == '-' : kDigits.find(text[i]) != std::string_view::npos;
        if (!fits) return false;
    }
    return true;
}

}  // namespace hub::commands
