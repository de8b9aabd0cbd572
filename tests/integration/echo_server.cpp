// echo_server [--port N]: the hub's loops, front door and WebSocket server with an endpoint at `/`
// that sends back every message, for conformance suites. Prints one line, `listening on
// 127.0.0.1:PORT`, and ends on SIGINT or SIGTERM.
#include "fakes/fake_event_sink.h"
#include "http/front_door.h"
#include "metrics/metric_registry.h"
#include "net/listener.h"
#include "net/loop_group.h"
#include "websocket/link.h"
#include "websocket/server.h"

#include <pthread.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace {

class EchoSession final : public hub::WebSocketSession {
public:
    explicit EchoSession(hub::websocket::Link& link) : link_(link) {
        link_.registered();  // whoever connects may speak
    }

    void onText(std::string_view text) override { link_.send(text); }
    bool onBinary(std::string_view bytes) override {
        link_.send(hub::websocket::Opcode::Binary, bytes);
        return true;
    }
    void onControl() noexcept override {}
    void onNotify(std::uint64_t /*word*/) override {}
    void onEnd(const hub::LinkEnd& /*end*/) noexcept override {}

private:
    hub::websocket::Link& link_;
};

class EchoEndpoint final : public hub::WebSocketEndpoint {
public:
    std::optional<hub::HttpResponse> refuse(const hub::HttpRequest& /*request*/) override {
        return std::nullopt;
    }
    std::unique_ptr<hub::WebSocketSession> open(hub::WebSocketLink& link,
                                                const hub::HttpRequest& /*request*/) override {
        // Only the server's own links can send binary messages.
        return std::make_unique<EchoSession>(static_cast<hub::websocket::Link&>(link));
    }
};

class StderrLogger final : public hub::Logger {
public:
    void log(hub::LogLevel /*level*/, std::string_view message) noexcept override {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
    }
    [[nodiscard]] bool enabled(hub::LogLevel /*level*/) const noexcept override { return true; }
};

// Wide enough for what suites send: 16 MiB in one message, or 4 MiB in fragments of 64 bytes.
hub::WebSocketLimits wideLimits() {
    hub::WebSocketLimits limits;
    limits.message_bytes = 32 * 1024 * 1024;
    limits.queue_bytes = 64 * 1024 * 1024;
    limits.fragments = 1024 * 1024;
    return limits;
}

std::uint16_t portFrom(int argc, char** argv) {
    if (argc == 1) return 0;
    if (argc == 3 && std::string_view(argv[1]) == "--port") {
        const std::string_view text(argv[2]);
        std::uint16_t port = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (error == std::errc() && rest == text.data() + text.size()) return port;
    }
    throw std::invalid_argument("usage: echo_server [--port N]");
}

void serveUntilStopped(std::uint16_t port) {
    // Blocked before the loops' threads begin, so that they inherit it and only sigwait sees one.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    const hub::SystemClock clock;
    StderrLogger logger;
    hub::fakes::FakeEventSink sink;
    EchoEndpoint endpoint;
    hub::metrics::MetricRegistry metrics;
    hub::net::LoopGroup loops(1, clock);
    hub::http::FrontDoor front_door(loops, {}, metrics, logger);
    hub::websocket::Server server(loops, {&sink}, front_door, 0, metrics, logger);
    hub::net::Listener listener(loops, "127.0.0.1", port, logger, front_door);
    hub::Registration mounted = server.mount("/", endpoint, wideLimits());
    loops.start();
    listener.start();
    std::printf("listening on 127.0.0.1:%u\n", static_cast<unsigned>(listener.port()));
    std::fflush(stdout);

    int signal = 0;
    sigwait(&signals, &signal);
    mounted = {};
    listener.stop();
    loops.stop();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        serveUntilStopped(portFrom(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "echo_server: %s\n", error.what());
        return 1;
    }
    return 0;
}
