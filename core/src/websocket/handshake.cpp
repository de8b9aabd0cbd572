#include "websocket/handshake.h"

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace hub::websocket {
namespace {

constexpr std::string_view kVersion = "13";
constexpr std::string_view kSubprotocol = "arduino";

bool equalIgnoringCase(std::string_view left, std::string_view right) noexcept {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kSpace = " \t";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// True when `matches` accepts one of the comma-separated tokens of a header (RFC 9110, 5.6.1).
bool anyToken(const HttpRequest& request, std::string_view header, auto&& matches) {
    std::string_view list = request.header(header).value_or("");
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (matches(trimmed(list.substr(0, comma)))) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

bool names(const HttpRequest& request, std::string_view header, std::string_view token) {
    return anyToken(request, header,
                    [&](std::string_view found) { return equalIgnoringCase(found, token); });
}

// Names of subprotocols have a case (RFC 6455, 4.1), unlike those of protocols to upgrade to.
bool offersSubprotocol(const HttpRequest& request) {
    return anyToken(request, "Sec-WebSocket-Protocol",
                    [](std::string_view found) { return found == kSubprotocol; });
}

// Base64 of 16 bytes: 22 characters and two of padding (RFC 4648).
bool isKey(std::string_view key) noexcept {
    const auto in_alphabet = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
    };
    return key.size() == 24 && key.ends_with("==") &&
           std::all_of(key.begin(), key.end() - 2, in_alphabet);
}

HttpResponse wrongMethod() {
    HttpResponse response =
        HttpResponse::problem(405, "A WebSocket link begins with a GET request.");
    response.headers.emplace_back("Allow", "GET");
    return response;
}

HttpResponse wrongVersion() {
    HttpResponse response = HttpResponse::problem(
        426,
        "Only version 13 of the WebSocket protocol (RFC 6455) is spoken here: send "
        "Sec-WebSocket-Version: 13.");
    response.headers.emplace_back("Sec-WebSocket-Version", kVersion);
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
}

}  // namespace

std::variant<std::string, HttpResponse> answerHandshake(const HttpRequest& request) {
    if (request.method() != "GET") return wrongMethod();
    if (!names(request, "Upgrade", "websocket")) {
        return HttpResponse::problem(400, "The Upgrade header must name websocket.");
    }
    if (!names(request, "Connection", "Upgrade")) {
        return HttpResponse::problem(400, "The Connection header must name Upgrade.");
    }
    if (trimmed(request.header("Sec-WebSocket-Version").value_or("")) != kVersion) {
        return wrongVersion();
    }
    const std::string_view key = trimmed(request.header("Sec-WebSocket-Key").value_or(""));
    if (!isKey(key)) {
        return HttpResponse::problem(400, "Sec-WebSocket-Key must be 16 bytes in base64.");
    }

    std::string head =
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: ";
    head += acceptKey(key);
    if (offersSubprotocol(request)) {
        head += "\r\nSec-WebSocket-Protocol: ";
        head += kSubprotocol;
    }
    head += "\r\n\r\n";
    return head;
}

std::string acceptKey(std::string_view key) {
    constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    Poco::SHA1Engine sha1;
    sha1.update(key.data(), key.size());
    sha1.update(kGuid.data(), kGuid.size());
    const Poco::DigestEngine::Digest& digest = sha1.digest();

    std::ostringstream text;
    Poco::Base64Encoder encoder(text);
    encoder.write(reinterpret_cast<const char*>(digest.data()),
                  static_cast<std::streamsize>(digest.size()));
    encoder.close();
    return text.str();
}

}  // namespace hub::websocket
