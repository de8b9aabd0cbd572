#pragma once

#include "core/net/tcp_client.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "http/front_door.h"
#include "metrics/metric_registry.h"
#include "net/listener.h"
#include "net/loop_group.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace hub::http {

inline HttpResponse said(std::string body) {
    HttpResponse response;
    response.content_type = "text/plain";
    response.body = std::move(body);
    return response;
}

// A response as a client sees it.
struct Received {
    std::string head;
    std::string body;

    [[nodiscard]] int status() const { return std::stoi(head.substr(9, 3)); }
    [[nodiscard]] bool has(const std::string& line) const {
        return head.find("\r\n" + line + "\r\n") != std::string::npos;
    }
};

class Client {
public:
    explicit Client(std::uint16_t port) : tcp_(port) {}

    Client& send(const std::string& bytes) {
        tcp_.send(bytes);
        return *this;
    }
    Client& get(const std::string& target, const std::string& lines = {}) {
        return send("GET " + target + " HTTP/1.1\r\nHost: hub\r\n" + lines + "\r\n");
    }
    Client& post(const std::string& target, const std::string& body) {
        return send("POST " + target + " HTTP/1.1\r\nHost: hub\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    // The response to HEAD has no body, whatever length it tells.
    Received receiveHead() { return {tcp_.receiveUntil("\r\n\r\n"), {}}; }
    Received receive() {
        Received received;
        received.head = tcp_.receiveUntil("\r\n\r\n");
        const std::size_t length = received.head.find("Content-Length: ");
        if (length != std::string::npos) {
            received.body = tcp_.receive(std::stoul(received.head.substr(length + 16)));
        }
        return received;
    }
    // The next chunk of a body; "" for the last.
    std::string receiveChunk() {
        const std::string size = tcp_.receiveUntil("\r\n");
        std::string chunk = tcp_.receive(std::stoul(size, nullptr, 16) + 2);
        EXPECT_TRUE(chunk.ends_with("\r\n"));
        chunk.resize(chunk.size() - 2);
        return chunk;
    }
    net::TcpClient& tcp() { return tcp_; }

private:
    net::TcpClient tcp_;
};

class FrontDoorTest : public testing::Test {
protected:
    FrontDoorTest() { open({}); }
    ~FrontDoorTest() override { loops_.stop(); }

    void open(const FrontDoorSettings& settings) {
        listener_.reset();
        door_ = std::make_unique<FrontDoor>(loops_, settings, metrics_, logger_);
        listener_ =
            std::make_unique<net::Listener>(loops_, "127.0.0.1", std::uint16_t{0}, logger_, *door_);
        if (!std::exchange(started_, true)) loops_.start();
        listener_->start();
    }
    [[nodiscard]] Client connect() const { return Client{listener_->port()}; }

    [[nodiscard]] Registration echo(const std::string& pattern = "/echo") {
        return door_->route("POST", pattern, [](const HttpRequest& request) {
            return said(std::string(request.body()));
        });
    }
    [[nodiscard]] Registration hello() {
        return door_->route("GET", "/hello", [](const HttpRequest&) { return said("hello"); });
    }

    // Turns have passed: what was sent before has been read, due timers have expired.
    void settle() {
        for (int turn = 0; turn < 4; ++turn) loops_[0].call([] {});
    }
    void after(std::chrono::milliseconds time) {
        settle();
        clock_.advance(time);
        settle();
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    metrics::MetricRegistry metrics_;
    net::LoopGroup loops_{1, clock_};
    bool started_ = false;
    std::unique_ptr<FrontDoor> door_;
    std::unique_ptr<net::Listener> listener_;
};

}  // namespace hub::http
