#include "integration/clients.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/StreamCopier.h>
#include <sqlite3.h>

#include <chrono>
#include <stdexcept>

namespace hub::integration {

namespace {
constexpr int kPatienceSeconds = 60;
}

Reply get(std::uint16_t port, const std::string& path) {
    Poco::Net::HTTPClientSession session("127.0.0.1", port);
    session.setTimeout(Poco::Timespan(kPatienceSeconds, 0));
    Poco::Net::HTTPRequest request("GET", path, "HTTP/1.1");
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& body = session.receiveResponse(response);
    Reply reply{response.getStatus(), response.getContentType(), {}};
    Poco::StreamCopier::copyToString(body, reply.body);
    return reply;
}

Reply getUntil(std::uint16_t port, const std::string& path, const std::string& text) {
    using std::chrono::steady_clock;
    const auto deadline = steady_clock::now() + std::chrono::seconds(kPatienceSeconds);
    Reply reply = get(port, path);
    while (reply.body.find(text) == std::string::npos && steady_clock::now() < deadline) {
        reply = get(port, path);
    }
    return reply;
}

DeviceClient::DeviceClient(std::uint16_t port, const std::string& id) {
    Poco::Net::HTTPClientSession session("127.0.0.1", port);
    Poco::Net::HTTPRequest request("GET", "/ws/" + id, "HTTP/1.1");
    Poco::Net::HTTPResponse response;
    socket_ = std::make_unique<Poco::Net::WebSocket>(session, request, response);
    socket_->setReceiveTimeout(Poco::Timespan(kPatienceSeconds, 0));
}

DeviceClient::~DeviceClient() = default;

void DeviceClient::send(const std::string& text) {
    socket_->sendFrame(text.data(), static_cast<int>(text.size()));
}

std::string DeviceClient::receive() {
    while (true) {
        char bytes[64 * 1024];
        int flags = 0;
        int count = 0;
        try {
            count = socket_->receiveFrame(bytes, sizeof bytes, flags);
        } catch (const Poco::Net::ConnectionResetException&) {
            return {};
        }
        if (count == 0 && flags == 0) return {};
        const std::string_view payload(bytes, static_cast<std::size_t>(count));
        switch (flags & Poco::Net::WebSocket::FRAME_OP_BITMASK) {
            case Poco::Net::WebSocket::FRAME_OP_PING:
                socket_->sendFrame(bytes, count,
                                   static_cast<int>(Poco::Net::WebSocket::FRAME_FLAG_FIN) |
                                       static_cast<int>(Poco::Net::WebSocket::FRAME_OP_PONG));
                break;
            case Poco::Net::WebSocket::FRAME_OP_CLOSE:
                if (count >= 2) {
                    close_code_ = static_cast<unsigned char>(payload[0]) * 256 +
                                  static_cast<unsigned char>(payload[1]);
                }
                return {};
            default:
                return std::string(payload);
        }
    }
}

void DeviceClient::close() { socket_->shutdown(); }

std::vector<std::vector<std::string>> query(const std::filesystem::path& file,
                                            const std::string& sql) {
    sqlite3* database = nullptr;
    sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_busy_timeout(database, kPatienceSeconds * 1000);
    std::vector<std::vector<std::string>> rows;
    const auto take_row = [](void* to, int columns, char** values, char**) {
        auto& row = static_cast<std::vector<std::vector<std::string>>*>(to)->emplace_back();
        for (int i = 0; i < columns; ++i) row.emplace_back(values[i] ? values[i] : "");
        return 0;
    };
    char* message = nullptr;
    const int result = sqlite3_exec(database, sql.c_str(), take_row, &rows, &message);
    const std::string error = message ? message : "";
    sqlite3_free(message);
    sqlite3_close(database);
    if (result != SQLITE_OK) throw std::runtime_error(sql + ": " + error);
    return rows;
}

std::string queryOne(const std::filesystem::path& file, const std::string& sql) {
    return query(file, sql).at(0).at(0);
}

}  // namespace hub::integration
