#include "hub/http.h"

#include <algorithm>
#include <array>

namespace hub {

namespace {

// What a client makes of a status it does not know (RFC 9110, 15).
std::string_view classOf(int status) { return status < 500 ? "Client Error" : "Server Error"; }

int statusOf(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::Invalid:
            return 422;
        case Error::Kind::NotFound:
            return 404;
        case Error::Kind::Refused:
            return 409;
        case Error::Kind::Unavailable:
            return 503;
    }
    return 500;
}

struct Utf8Sequence {
    std::size_t length;  // of the sequence, or of the bad bytes that one U+FFFD replaces
    bool valid;
};

// What stands at the front of `text`, which begins with a byte above 0x7F. RFC 3629, 4; bad bytes
// are grouped as Unicode 3.9 recommends (maximal subparts).
Utf8Sequence utf8SequenceAt(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    std::size_t length = 0;
    if (lead >= 0xC2 && lead <= 0xDF) length = 2;
    if (lead >= 0xE0 && lead <= 0xEF) length = 3;
    if (lead >= 0xF0 && lead <= 0xF4) length = 4;
    if (length == 0) return {1, false};

    // The second byte rules out overlong forms, surrogates and what lies beyond U+10FFFF.
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= text.size() || byte(i) < low || byte(i) > high) return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {length, true};
}

void appendEscaped(std::string& json, char c) {
    switch (c) {
        case '"':
            json += R"(\")";
            return;
        case '\\':
            json += R"(\\)";
            return;
        case '\b':
            json += R"(\b)";
            return;
        case '\f':
            json += R"(\f)";
            return;
        case '\n':
            json += R"(\n)";
            return;
        case '\r':
            json += R"(\r)";
            return;
        case '\t':
            json += R"(\t)";
            return;
    }
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto code = static_cast<unsigned char>(c);
    json += R"(\u00)";
    json += kHex[code >> 4U];
    json += kHex[code & 0xFU];
}

}  // namespace

std::string_view statusTitle(int status) noexcept {
    constexpr std::array<std::pair<int, std::string_view>, 34> kTitles{{
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    }};
    const auto known = std::find_if(kTitles.begin(), kTitles.end(),
                                    [&](const auto& entry) { return entry.first == status; });
    return known == kTitles.end() ? std::string_view{} : known->second;
}

HttpResponse HttpResponse::problem(int status, std::string_view detail) {
    HttpResponse response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body = R"({"type":"about:blank","title":)";
    const std::string_view title = statusTitle(status);
    appendJsonString(response.body, title.empty() ? classOf(status) : title);
    response.body.append(R"(,"status":)").append(std::to_string(status)).append(R"(,"detail":)");
    appendJsonString(response.body, detail);
    response.body += '}';
    return response;
}

HttpResponse HttpResponse::problem(const Error& error) {
    return problem(statusOf(error.kind), error.message);
}

void appendJsonString(std::string& json, std::string_view text) {
    json += '"';
    std::size_t copied = 0;  // what stands before needs no change and is appended in one piece
    std::size_t i = 0;
    const auto appendClean = [&] { json.append(text, copied, i - copied); };
    while (i < text.size()) {
        const auto code = static_cast<unsigned char>(text[i]);
        if (code >= 0x80) {
            const Utf8Sequence sequence = utf8SequenceAt(text.substr(i));
            if (!sequence.valid) {
                appendClean();
                json += "\xEF\xBF\xBD";  // U+FFFD
                copied = i + sequence.length;
            }
            i += sequence.length;
        } else if (code < 0x20 || code == '"' || code == '\\') {
            appendClean();
            appendEscaped(json, text[i]);
            copied = ++i;
        } else {
            ++i;
        }
    }
    appendClean();
    json += '"';
}

}  // namespace hub
