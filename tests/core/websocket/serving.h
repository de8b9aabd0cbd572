#pragma once

#include "core/websocket/raw_client.h"
#include "fakes/fake_event_sink.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "http/front_door.h"
#include "metrics/metric_registry.h"
#include "net/listener.h"
#include "net/loop_group.h"
#include "websocket/server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::websocket {

inline std::string describe(const LinkEnd& end) {
    static constexpr const char* kCauses[]{"peer closed", "broken",       "silent",      "protocol",
                                           "queue full",  "closed by us", "hub stopping"};
    return std::string(kCauses[static_cast<int>(end.cause)]) + ' ' +
           std::to_string(static_cast<int>(end.code));
}

// An endpoint whose sessions write down what they hear, and do what a test has told them to. Any
// thread.
class ScriptedEndpoint final : public WebSocketEndpoint {
public:
    // Set before the first link: what a session does besides.
    std::function<std::optional<HttpResponse>(const HttpRequest&)> on_request;
    std::function<void(WebSocketLink&)> on_open;
    std::function<void(WebSocketLink&, std::string_view)> on_text;
    std::function<void(WebSocketLink&, std::uint64_t)> on_notify;
    bool takes_binary = false;
    bool registers = true;  // a link, with its first text

    std::optional<HttpResponse> refuse(const HttpRequest& request) override {
        return on_request ? on_request(request) : std::nullopt;
    }

    std::unique_ptr<WebSocketSession> open(WebSocketLink& link, const HttpRequest&) override {
        auto session = std::make_unique<Session>(*this, link);
        if (on_open) on_open(link);
        const std::lock_guard lock(mutex_);
        last_link_ = link.id();
        return session;
    }

    // Waits for the next thing that a session hears: `text hello`, `end broken 1006`.
    std::string hears() {
        std::unique_lock lock(mutex_);
        const bool came = changed_.wait_for(lock, std::chrono::seconds(10),
                                            [this] { return next_ < heard_.size(); });
        return came ? heard_[next_++] : "nothing";
    }

    [[nodiscard]] bool heardAll() {
        const std::lock_guard lock(mutex_);
        return next_ == heard_.size();
    }
    [[nodiscard]] LinkId lastLink() {
        const std::lock_guard lock(mutex_);
        return last_link_;
    }
    [[nodiscard]] int sessions() {
        const std::lock_guard lock(mutex_);
        return sessions_;
    }

private:
    class Session final : public WebSocketSession {
    public:
        Session(ScriptedEndpoint& endpoint, WebSocketLink& link)
            : endpoint_(endpoint), link_(link) {
            endpoint_.count(1);
        }
        ~Session() override { endpoint_.count(-1); }

        void onText(std::string_view text) override {
            endpoint_.write("text " + std::string(text));
            if (endpoint_.registers) link_.registered();
            if (endpoint_.on_text) endpoint_.on_text(link_, text);
        }
        bool onBinary(std::string_view bytes) override {
            endpoint_.write("binary " + std::string(bytes));
            return endpoint_.takes_binary;
        }
        void onControl() noexcept override { endpoint_.write("control"); }
        void onNotify(std::uint64_t word) override {
            endpoint_.write("notify " + std::to_string(word));
            if (endpoint_.on_notify) endpoint_.on_notify(link_, word);
        }
        void onEnd(const LinkEnd& end) noexcept override {
            endpoint_.write("end " + describe(end));
        }

    private:
        ScriptedEndpoint& endpoint_;
        WebSocketLink& link_;
    };

    void write(std::string line) {
        const std::lock_guard lock(mutex_);
        heard_.push_back(std::move(line));
        changed_.notify_all();
    }
    void count(int by) {
        const std::lock_guard lock(mutex_);
        sessions_ += by;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> heard_;
    std::size_t next_ = 0;
    int sessions_ = 0;
    LinkId last_link_{};
};

// A whole server on port 0: loops, front door, and one scripted endpoint at /ws/{id}. Time stands
// still until a test lets it pass.
class Serving : public ::testing::Test {
protected:
    explicit Serving(std::size_t loops = 1, const net::AddressLimits& per_address = {},
                     const net::TotalLimits& in_all = {})
        : loops_(loops, clock_),
          sinks_(loops),
          door_settings_{.per_address = per_address, .in_all = in_all} {
        for (std::size_t i = 0; i < loops; ++i) {
            loops_[i].onWake([this, i] {
                if (!sinks_[i].paused()) server_.resumeYielding(i);
            });
        }
        limits_.message_bytes = 10'000;
        limits_.queue_bytes = 100'000;
    }

    ~Serving() override {
        mounted_ = {};
        listener_.stop();
        loops_.stop();
    }

    // Begins to serve; what is set on `endpoint_` and `limits_` must be set before.
    void serve() {
        mounted_ = server_.mount("/ws/{id}", endpoint_, limits_);
        loops_.start();
        listener_.start();
    }

    [[nodiscard]] std::unique_ptr<RawClient> connect(std::string_view path = "/ws/lamp-1",
                                                     const char* from = "127.0.0.1") {
        return std::make_unique<RawClient>(listener_.port(), path, "", from);
    }

    // Whether the metrics have this line now.
    [[nodiscard]] bool shows(const std::string& sample) const {
        return metrics_.text().find('\n' + sample + '\n') != std::string::npos;
    }

    // What all links may read together while the log is full.
    static constexpr std::size_t kBacklogBytes = 10'000;

    // Every loop has seen the new time when this returns.
    void pass(std::chrono::milliseconds time) {
        clock_.advance(time);
        for (std::size_t i = 0; i < loops_.size(); ++i) {
            loops_[i].wake();
            runPosted(i);  // perhaps in a turn that began before
            runPosted(i);
        }
    }

    // Everything posted or sent to loop `index` before has been served when this returns.
    void runPosted(std::size_t index = 0) {
        loops_[index].call([] {});
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    metrics::MetricRegistry metrics_;
    net::LoopGroup loops_;
    std::vector<fakes::FakeEventSink> sinks_;
    http::FrontDoorSettings door_settings_;
    http::FrontDoor front_door_{loops_, door_settings_, metrics_, logger_};
    net::Listener listener_{loops_, "127.0.0.1", 0, logger_, front_door_};
    Server server_{loops_, sinksByLoop(), front_door_, kBacklogBytes, metrics_, logger_};
    ScriptedEndpoint endpoint_;
    WebSocketLimits limits_;
    Registration mounted_;

private:
    std::vector<EventSink*> sinksByLoop() {
        std::vector<EventSink*> all;
        for (auto& sink : sinks_) all.push_back(&sink);
        return all;
    }
};

}  // namespace hub::websocket
