#include "ctl/sim/client_handshake.h"

#include "websocket/handshake.h"

#include <Poco/Base64Encoder.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/String.h>

#include <sstream>

namespace hub::ctl::sim {

namespace {

constexpr std::string_view kSubprotocol = "arduino";

Error refused(std::string why) {
    return {Error::Kind::Refused, "the handshake failed: " + std::move(why)};
}

}  // namespace

std::string handshakeKey(std::mt19937& random) {
    std::ostringstream text;
    Poco::Base64Encoder encoder(text);
    for (int i = 0; i < 16; ++i) encoder.put(static_cast<char>(random() & 0xFF));
    encoder.close();
    return text.str();
}

std::string handshakeRequest(std::string_view authority, std::string_view device_id,
                             std::string_view key) {
    std::string request = "GET /ws/";
    request.append(device_id).append(" HTTP/1.1\r\nHost: ").append(authority);
    request.append(
        "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: ");
    request.append(key).append("\r\nSec-WebSocket-Protocol: ").append(kSubprotocol);
    request.append("\r\nOrigin: file://\r\nUser-Agent: hubctl\r\n\r\n");
    return request;
}

Result<std::size_t> readHandshakeAnswer(std::string_view bytes, std::string_view key) {
    constexpr std::string_view kEndOfHead = "\r\n\r\n";
    const std::size_t end = bytes.substr(0, kMaxHandshakeAnswer).find(kEndOfHead);
    if (end == std::string_view::npos) {
        if (bytes.size() >= kMaxHandshakeAnswer) return refused("the answer's head does not end");
        return std::size_t{0};
    }
    const std::size_t length = end + kEndOfHead.size();

    Poco::Net::HTTPResponse answer;
    try {
        std::istringstream head(std::string(bytes.substr(0, length)));
        answer.read(head);
    } catch (const Poco::Exception& error) {
        return refused("the answer is not HTTP: " + error.displayText());
    }
    if (answer.getStatus() != Poco::Net::HTTPResponse::HTTP_SWITCHING_PROTOCOLS) {
        return refused("answered with " + std::to_string(static_cast<int>(answer.getStatus())) +
                       ' ' + answer.getReason());
    }
    if (Poco::icompare(answer.get("Upgrade", ""), "websocket") != 0 ||
        Poco::icompare(answer.get("Connection", ""), "upgrade") != 0) {
        return refused("the answer upgrades to something other than a WebSocket");
    }
    if (answer.get("Sec-WebSocket-Accept", "") != websocket::acceptKey(key)) {
        return refused("the answer's Sec-WebSocket-Accept does not fit the request's key");
    }
    if (answer.has("Sec-WebSocket-Extensions") ||
        answer.get("Sec-WebSocket-Protocol", std::string(kSubprotocol)) != kSubprotocol) {
        return refused("the answer chooses an extension or subprotocol that was not offered");
    }
    return length;
}

}  // namespace hub::ctl::sim
