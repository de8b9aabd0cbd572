#include "http/response_head.h"

#include "http/field_syntax.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace hub::http {
namespace {

// Those that `responseHead` writes itself, and the rest of the message's framing.
bool belongsToTheHub(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 9> kOwn{"access-control-allow-credentials",
                                                   "access-control-allow-origin",
                                                   "access-control-expose-headers",
                                                   "content-length",
                                                   "content-type",
                                                   "connection",
                                                   "date",
                                                   "keep-alive",
                                                   "transfer-encoding"};
    return std::any_of(kOwn.begin(), kOwn.end(),
                       [&](std::string_view own) { return equalsIgnoringCase(own, name); });
}

void appendField(std::string& head, std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    const std::size_t begin = head.size();
    head += value;
    std::replace_if(
        head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(),
        [](char c) {
            return !isFieldText({&c, 1});
        },
        ' ');
    head += "\r\n";
}

// RFC 9112, 9.3 and 9.6; RFC 9110, 7.8: who sends Upgrade names it here too.
std::string connectionOptions(const HttpResponse& response, const ResponseFraming& framing) {
    std::string options;
    if (!framing.keep_alive) {
        options = "close";
    } else if (framing.http_1_0) {
        options = "keep-alive";
    }
    const bool names_upgrade =
        std::any_of(response.headers.begin(), response.headers.end(),
                    [](const auto& field) { return equalsIgnoringCase(field.first, "upgrade"); });
    if (names_upgrade) options += options.empty() ? "Upgrade" : ", Upgrade";
    return options;
}

}  // namespace

std::string responseHead(const HttpResponse& response, const ResponseFraming& framing,
                         std::string_view date) {
    std::string head;
    head.reserve(256);
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    head += statusTitle(response.status);  // may be empty (RFC 9112, 4)
    head += "\r\n";
    appendField(head, "Date", date);
    if (mayHaveBody(response.status)) {
        if (!response.content_type.empty()) {
            appendField(head, "Content-Type", response.content_type);
        }
        if (!framing.streamed) {
            appendField(head, "Content-Length", std::to_string(response.body.size()));
        } else if (!framing.http_1_0) {
            appendField(head, "Transfer-Encoding", "chunked");
        }
    }
    for (const auto& [name, value] : response.headers) {
        if (isToken(name) && !belongsToTheHub(name)) appendField(head, name, value);
    }
    if (!framing.allowed_origin.empty()) {
        appendField(head, "Access-Control-Allow-Origin", framing.allowed_origin);
        appendField(head, "Access-Control-Expose-Headers",
                    "ETag, Retry-After, Allow, Idempotency-Replayed");
    }
    if (framing.varies_by_origin) appendField(head, "Vary", "Origin");
    const std::string options = connectionOptions(response, framing);
    if (!options.empty()) appendField(head, "Connection", options);
    head += "\r\n";
    return head;
}

bool mayHaveBody(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

std::string_view HttpDate::at(Timestamp time) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    if (second == second_ && !text_.empty()) return text_;
    second_ = second;
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{second - day};
    constexpr std::array kWeekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 64> buffer{};
    const int length = std::snprintf(
        buffer.data(), buffer.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
        kWeekdays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
        kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    text_.assign(buffer.data(), static_cast<std::size_t>(length));
    return text_;
}

}  // namespace hub::http
