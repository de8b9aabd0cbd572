#pragma once

#include "fakes/fake_event_sink.h"
#include "hub/websocket.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::fakes {

// A link without a network: a test plays the peer. One thread.
class FakeWebSocketLink final : public WebSocketLink {
public:
    FakeWebSocketLink(LinkId id, EventSink& events) : id_(id), events_(events) {}

    // The peer says something: delivered now, or once a pause is over.
    void hears(std::string text) {
        inbox_.push_back(std::move(text));
        deliver();
    }
    void hearsBinary(std::string_view bytes) {
        if (!session_->onBinary(bytes)) {
            ends({LinkEnd::Cause::ProtocolError, CloseCode::UnsupportedPayload});
        }
    }
    void hearsControl() { session_->onControl(); }
    // The link is over; a second time does nothing.
    void ends(const LinkEnd& end) {
        if (!session_) return;
        const auto session = std::exchange(session_, nullptr);
        session->onEnd(end);
    }
    // It has not read for so long.
    void doesNotRead(std::chrono::nanoseconds time) noexcept { unread_ = time; }
    // What it was sent since the last time this was asked for.
    [[nodiscard]] std::vector<std::string> takeSent() { return std::exchange(sent_, {}); }
    [[nodiscard]] std::optional<CloseCode> closeCode() const noexcept { return close_code_; }
    [[nodiscard]] const std::string& closeReason() const noexcept { return close_reason_; }
    [[nodiscard]] bool paused() const noexcept { return paused_; }
    [[nodiscard]] bool isRegistered() const noexcept { return registered_; }
    [[nodiscard]] std::chrono::milliseconds idleTimeout() const noexcept { return idle_timeout_; }

    [[nodiscard]] LinkId id() const noexcept override { return id_; }
    [[nodiscard]] std::string_view remoteAddress() const noexcept override {
        return "192.0.2.7:50312";
    }
    bool send(std::string_view text) override {
        if (!open()) return false;
        sent_.emplace_back(text);
        return true;
    }
    void close(CloseCode code, std::string_view reason) override {
        if (close_code_) return;
        close_code_ = code;
        close_reason_ = reason;
    }
    void pause() override { paused_ = true; }
    void resume() override {
        paused_ = false;
        deliver();
    }
    void setIdleTimeout(std::chrono::milliseconds timeout) override { idle_timeout_ = timeout; }
    void registered() override { registered_ = true; }
    [[nodiscard]] std::chrono::nanoseconds unread() const noexcept override { return unread_; }
    [[nodiscard]] EventSink& events() noexcept override { return events_; }

private:
    friend class FakeWebSocketEndpoints;

    [[nodiscard]] bool open() const noexcept { return session_ && !close_code_; }

    void deliver() {
        if (std::exchange(delivering_, true)) return;
        while (open() && !paused_ && !inbox_.empty()) {
            const std::string text = std::exchange(inbox_.front(), {});
            inbox_.pop_front();
            session_->onText(text);
        }
        delivering_ = false;
    }

    const LinkId id_;
    EventSink& events_;
    std::unique_ptr<WebSocketSession> session_;
    std::deque<std::string> inbox_;
    std::vector<std::string> sent_;
    std::optional<CloseCode> close_code_;
    std::string close_reason_;
    std::chrono::milliseconds idle_timeout_{0};
    std::chrono::nanoseconds unread_{0};
    bool paused_ = false;
    bool registered_ = false;
    bool delivering_ = false;
};

// One mounted endpoint and its links. Notifications wait until `runNotifications`, as they do when
// they come from another thread. One thread.
class FakeWebSocketEndpoints final : public WebSocketEndpoints {
public:
    // A peer asks for a link; nothing when it is refused.
    FakeWebSocketLink* connect(const HttpRequest& request) {
        refusal_ = endpoint_ == nullptr ? HttpResponse::problem(404, "nothing is mounted")
                                        : endpoint_->refuse(request);
        if (refusal_) return nullptr;
        links_.push_back(std::make_unique<FakeWebSocketLink>(LinkId{links_.size() + 1}, sink_));
        FakeWebSocketLink& link = *links_.back();
        link.session_ = endpoint_->open(link, request);
        return &link;
    }
    [[nodiscard]] const std::optional<HttpResponse>& refusal() const noexcept { return refusal_; }
    [[nodiscard]] const std::string& pattern() const noexcept { return pattern_; }
    [[nodiscard]] const WebSocketLimits& limits() const noexcept { return limits_; }

    void runNotifications() {
        while (!notifications_.empty()) {
            const auto [id, word] = notifications_.front();
            notifications_.pop_front();
            if (FakeWebSocketLink* const link = find(id)) link->session_->onNotify(word);
        }
    }

    // From now on every queue is full, or has room again.
    void fillQueues() noexcept { full_ = true; }
    void emptyQueues() noexcept { full_ = false; }

    [[nodiscard]] Registration mount(std::string_view pattern, WebSocketEndpoint& endpoint,
                                     const WebSocketLimits& limits) override {
        if (endpoint_ != nullptr) throw std::logic_error("only one endpoint can be mounted here");
        pattern_ = pattern;
        endpoint_ = &endpoint;
        limits_ = limits;
        return Registration([this] {
            for (const auto& link : links_) {
                link->ends({LinkEnd::Cause::HubStopping, CloseCode::GoingAway});
            }
            endpoint_ = nullptr;
        });
    }
    [[nodiscard]] Delivery send(LinkId id, std::string_view text) override {
        FakeWebSocketLink* const link = find(id);
        if (link == nullptr || !link->open()) return Delivery::Unreachable;
        if (full_) return Delivery::Busy;
        link->sent_.emplace_back(text);
        return Delivery::Accepted;
    }
    void notify(LinkId link, std::uint64_t word) override {
        notifications_.emplace_back(link, word);
    }

private:
    FakeWebSocketLink* find(LinkId id) {
        for (const auto& link : links_) {
            if (link->id() == id && link->session_) return link.get();
        }
        return nullptr;
    }

    FakeEventSink sink_;
    std::vector<std::unique_ptr<FakeWebSocketLink>> links_;
    std::deque<std::pair<LinkId, std::uint64_t>> notifications_;
    std::optional<HttpResponse> refusal_;
    WebSocketEndpoint* endpoint_ = nullptr;
    std::string pattern_;
    WebSocketLimits limits_;
    bool full_ = false;
};

}  // namespace hub::fakes
