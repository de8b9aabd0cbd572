#include "hub/http.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <functional>

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

// In the log a message stands behind a colon; here it stands alone.
std::string sentenceOf(std::string message) {
    if (!message.empty() && message.front() >= 'a' && message.front() <= 'z') {
        message.front() = static_cast<char>(message.front() - 'a' + 'A');
    }
    if (!message.ends_with('.') && !message.ends_with('?')) message += '.';
    return message;
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

// A hash of 64 bits. Four words at a time, each in a lane of its own, since one multiplication need
// not wait for another: several times as fast as std::hash, which hashes what is left.
std::uint64_t fingerprint(std::string_view text) {
    constexpr std::uint64_t kOddConstant = 0x9E3779B97F4A7C15;
    std::array<std::uint64_t, 4> lanes{1, 2, 3, 4};
    std::array<std::uint64_t, 4> words{};
    const std::size_t length = text.size();
    for (; text.size() >= sizeof words; text.remove_prefix(sizeof words)) {
        std::memcpy(words.data(), text.data(), sizeof words);
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            lanes[i] = std::rotl((lanes[i] ^ words[i]) * kOddConstant, 29);
        }
    }
    std::array<char, sizeof lanes + sizeof length + sizeof words> rest{};
    std::memcpy(rest.data(), lanes.data(), sizeof lanes);
    std::memcpy(rest.data() + sizeof lanes, &length, sizeof length);
    text.copy(rest.data() + sizeof lanes + sizeof length, text.size());
    return std::hash<std::string_view>{}({rest.data(), rest.size()});
}

// True when none of the eight bytes at `text` must be looked at more closely: no control character,
// quote, backslash or byte beyond ASCII. The arithmetic works on all bytes at once; a borrow from
// one byte to the next can only raise a false alarm.
bool allPlain(const char* text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHighBits = kOnes * 0x80;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text, sizeof bytes);
    const std::uint64_t control = bytes - kOnes * 0x20;
    const std::uint64_t quote = (bytes ^ (kOnes * '"')) - kOnes;
    const std::uint64_t backslash = (bytes ^ (kOnes * '\\')) - kOnes;
    return ((bytes | control | quote | backslash) & kHighBits) == 0;
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
    return problem(statusOf(error.kind), sentenceOf(error.message));
}

std::string entityTagOf(std::string_view body) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), fingerprint(body), 16).ptr;
    return std::string{'"'}.append(digits.data(), end).append("\"");
}

void appendJsonString(std::string& json, std::string_view text) {
    json += '"';
    std::size_t copied = 0;  // what stands before needs no change and is appended in one piece
    std::size_t i = 0;
    const auto appendClean = [&] { json.append(text, copied, i - copied); };
    while (i < text.size()) {
        if (text.size() - i >= 8 && allPlain(text.data() + i)) {
            i += 8;
            continue;
        }
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
