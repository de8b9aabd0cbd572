#include "websocket/handshake.h"

#include "http/field_syntax.h"

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>

#include <sstream>

namespace hub::websocket {
namespace {

constexpr std::string_view kVersion = "13";
constexpr std::string_view kSubprotocol = "arduino";

bool names(const HttpRequest& request, std::string_view header, std::string_view token) {
    return http::listContains(request.header(header).value_or(""), token);
}

// Names of subprotocols have a case (RFC 6455, 4.1), unlike those of protocols to upgrade to.
bool offersSubprotocol(const HttpRequest& request) {
    std::string_view offered = request.header("Sec-WebSocket-Protocol").value_or("");
    while (!offered.empty()) {
        if (http::cutElement(offered) == kSubprotocol) return true;
    }
    return false;
}

// Base64 of 16 bytes: 22 characters and two of padding (RFC 4648).
bool isKey(std::string_view key) noexcept {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key.size() == 24 && key.find_first_not_of(kAlphabet) == 22 && key.ends_with("==");
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
    if (http::trimmed(request.header("Sec-WebSocket-Version").value_or("")) != kVersion) {
        return wrongVersion();
    }
    const std::string_view key = http::trimmed(request.header("Sec-WebSocket-Key").value_or(""));
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
