#include "core/ctl/sim/scripted_hub.h"

#include <Poco/Buffer.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/ThreadPool.h>
#include <Poco/Timespan.h>

#include <atomic>
#include <mutex>
#include <string_view>
#include <utility>

namespace hub::ctl::sim {

namespace {

using Poco::Net::WebSocket;

constexpr int kPong = int{WebSocket::FRAME_FLAG_FIN} | int{WebSocket::FRAME_OP_PONG};
constexpr int kClose = int{WebSocket::FRAME_FLAG_FIN} | int{WebSocket::FRAME_OP_CLOSE};

const Poco::Timespan kReceiveLimit(20, 0);

struct State {
    ScriptedHub::Script script;
    std::atomic<bool> refusing = false;

    std::mutex mutex;  // guards the script's calls and what follows
    std::vector<std::uint16_t> close_codes;
    std::string refused_device;
    std::function<void()> refused;
};

class Handler final : public Poco::Net::HTTPRequestHandler {
public:
    explicit Handler(State& state) : state_(state) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        const std::string device_id = request.getURI().substr(std::string_view("/ws/").size());
        if (isRefused(device_id)) {
            response.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_SERVICE_UNAVAILABLE);
            response.setContentLength(0);
            response.send();
            return;
        }
        try {
            WebSocket socket(request, response);
            socket.setReceiveTimeout(kReceiveLimit);
            serve(socket, device_id);
        } catch (const Poco::Exception&) {
            // The link broke, as some tests wish.
        }
    }

private:
    bool isRefused(const std::string& device_id) {
        const std::lock_guard lock(state_.mutex);
        const bool is_one = device_id == state_.refused_device;
        if (is_one) state_.refused();
        return is_one || state_.refusing;
    }

    void serve(WebSocket& socket, const std::string& device_id) {
        while (true) {
            Poco::Buffer<char> buffer(0);
            int flags = 0;
            const int size = socket.receiveFrame(buffer, flags);
            const std::string text(buffer.begin(), buffer.size());
            switch (flags & WebSocket::FRAME_OP_BITMASK) {
                case WebSocket::FRAME_OP_PING:
                    socket.sendFrame(text.data(), size, kPong);
                    break;
                case WebSocket::FRAME_OP_CLOSE:
                    close(socket, text);
                    return;
                case WebSocket::FRAME_OP_TEXT:
                    if (!answer(socket, device_id, text)) return;
                    break;
                default:
                    return;
            }
        }
    }

    void close(WebSocket& socket, const std::string& payload) {
        if (payload.size() < 2) return;
        const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                                     static_cast<unsigned char>(payload[1]));
        {
            const std::lock_guard lock(state_.mutex);
            state_.close_codes.push_back(code);
        }
        socket.sendFrame(payload.data(), static_cast<int>(payload.size()), kClose);
    }

    // False: the link is to end here.
    bool answer(WebSocket& socket, const std::string& device_id, const std::string& text) {
        ScriptedHub::Answer answer;
        {
            const std::lock_guard lock(state_.mutex);
            answer = state_.script(device_id, text);
        }
        for (const std::string& reply : answer.texts) {
            socket.sendFrame(reply.data(), static_cast<int>(reply.size()));
        }
        return !answer.hang_up;
    }

    State& state_;
};

class Factory final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    explicit Factory(State& state) : state_(state) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest& /*request*/) override {
        return new Handler(state_);
    }

private:
    State& state_;
};

}  // namespace

struct ScriptedHub::Parts {
    explicit Parts(Script script)
        : state{.script = std::move(script),
                .mutex = {},
                .close_codes = {},
                .refused_device = {},
                .refused = {}},
          socket(Poco::Net::SocketAddress("127.0.0.1", 0)),
          server(new Factory(state), pool, socket, new Poco::Net::HTTPServerParams) {}

    State state;
    Poco::ThreadPool pool{2, 64};  // each link holds a thread
    Poco::Net::ServerSocket socket;
    Poco::Net::HTTPServer server;
};

ScriptedHub::ScriptedHub(Script script) : parts_(std::make_unique<Parts>(std::move(script))) {
    parts_->server.start();
}

ScriptedHub::~ScriptedHub() { stop(); }

void ScriptedHub::stop() {
    parts_->server.stopAll(true);
    parts_->pool.joinAll();
}

std::uint16_t ScriptedHub::port() const { return parts_->socket.address().port(); }

void ScriptedHub::refuse(bool refusing) { parts_->state.refusing = refusing; }

void ScriptedHub::refuse(const std::string& device_id, std::function<void()> refused) {
    const std::lock_guard lock(parts_->state.mutex);
    parts_->state.refused_device = device_id;
    parts_->state.refused = std::move(refused);
}

std::vector<std::uint16_t> ScriptedHub::closeCodes() const {
    const std::lock_guard lock(parts_->state.mutex);
    return parts_->state.close_codes;
}

}  // namespace hub::ctl::sim
