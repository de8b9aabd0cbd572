#include "live_endpoint.h"

#include "event_text.h"

#include <string>
#include <utility>

namespace hub::http_api {

namespace {

// The one thing a session is notified of.
constexpr std::uint64_t kTooSlow = 1;

}  // namespace

// One link's place in the events. Of the serving thread, but for `link`.
struct LiveEndpoint::Reader {
    LinkId link{};
    std::unique_ptr<EventReader> events;
    std::string pending;                   // a message that the queue had no room for
    std::optional<SteadyTime> full_since;  // of the queue
    bool lagged = false;                   // nothing comes behind `pending`
};

class LiveEndpoint::Session final : public WebSocketSession {
public:
    Session(LiveEndpoint& endpoint, WebSocketLink& link) : endpoint_(endpoint), link_(link) {}

    // There is nothing to be said to a feed.
    void onText(std::string_view) override {}
    void onControl() noexcept override {}
    void onNotify(std::uint64_t) override {
        link_.close(CloseCode::TryAgainLater, "too slow for the live events");
    }
    void onEnd(const LinkEnd&) noexcept override { endpoint_.remove(link_.id()); }

private:
    LiveEndpoint& endpoint_;
    WebSocketLink& link_;
};

WebSocketLimits LiveEndpoint::limits() noexcept {
    WebSocketLimits limits;
    limits.message_bytes = 4096;
    limits.queue_bytes = 256 * 1024;
    limits.yields_to_log = false;
    return limits;
}

LiveEndpoint::LiveEndpoint(WebSocketEndpoints& links, EventFeed& events, Gauge& readers,
                           std::function<void()> wake)
    : links_(links), events_(events), readers_gauge_(readers), wake_(std::move(wake)) {}

LiveEndpoint::~LiveEndpoint() = default;

std::optional<HttpResponse> LiveEndpoint::refuse(const HttpRequest& request) {
    const auto query = readFeedQuery(request);
    if (!query) return HttpResponse::problem(query.error());
    return std::nullopt;
}

std::unique_ptr<WebSocketSession> LiveEndpoint::open(WebSocketLink& link,
                                                     const HttpRequest& request) {
    // Read before, when it was not refused.
    FeedQuery query = std::move(readFeedQuery(request)).value();
    auto session = std::make_unique<Session>(*this, link);
    const auto reader = std::make_shared<Reader>();
    reader->link = link.id();
    reader->events =
        events_.open(std::move(query.filter), query.after, [this, id = link.id()] { ready(id); });
    link.registered();
    link.setIdleTimeout(kIdleTimeout);
    {
        const std::lock_guard lock(mutex_);
        readers_.emplace(reader->link, reader);
        readers_gauge_.set(static_cast<double>(readers_.size()));
    }
    ready(reader->link);
    return session;
}

SteadyTime LiveEndpoint::serve(SteadyTime now) {
    for (const auto& reader : takeDue(now)) plan(reader, advance(*reader), now);
    const std::lock_guard lock(mutex_);
    if (!ready_.empty()) return now;
    return later_.empty() ? SteadyTime::max() : later_.begin()->first;
}

void LiveEndpoint::ready(LinkId link) {
    {
        const std::lock_guard lock(mutex_);
        ready_.push_back(link);
    }
    wake_();
}

// The reader's end waits for its wake-up calls, which want the lock.
void LiveEndpoint::remove(LinkId link) {
    std::shared_ptr<Reader> removed;
    const std::lock_guard lock(mutex_);
    const auto found = readers_.find(link);
    if (found == readers_.end()) return;
    removed = std::move(found->second);
    readers_.erase(found);
    readers_gauge_.set(static_cast<double>(readers_.size()));
}

std::vector<std::shared_ptr<LiveEndpoint::Reader>> LiveEndpoint::takeDue(SteadyTime now) {
    std::vector<std::shared_ptr<Reader>> due;
    const std::lock_guard lock(mutex_);
    while (!later_.empty() && later_.begin()->first <= now) {
        ready_.push_back(later_.begin()->second);
        later_.erase(later_.begin());
    }
    for (const LinkId link : std::exchange(ready_, {})) {
        if (const auto found = readers_.find(link); found != readers_.end()) {
            due.push_back(found->second);
        }
    }
    return due;
}

LiveEndpoint::Next LiveEndpoint::advance(Reader& reader) {
    Delivery delivery = sendPending(reader);
    if (delivery != Delivery::Accepted || reader.lagged) return after(delivery, Next::Waiting);
    std::size_t left = kEventsAtATime;
    const auto state = reader.events->read([&](const Event& event) {
        appendEventMessage(reader.pending, event);
        delivery = sendPending(reader);
        return delivery == Delivery::Accepted && --left > 0;
    });
    if (delivery != Delivery::Accepted) return after(delivery, Next::Ready);
    switch (state) {
        case EventReader::State::More:
            return Next::Ready;
        case EventReader::State::Waiting:
            return Next::Waiting;
        case EventReader::State::Unavailable:
            return Next::Unreadable;
        case EventReader::State::Lagged:
            break;
    }
    reader.lagged = true;
    reader.pending =
        R"({"event":"lagged","resume_from":)" + std::to_string(reader.events->position()) + "}";
    return after(sendPending(reader), Next::Waiting);
}

// What is refused for want of room stays pending.
Delivery LiveEndpoint::sendPending(Reader& reader) {
    if (reader.pending.empty()) return Delivery::Accepted;
    const Delivery delivery = links_.send(reader.link, reader.pending);
    if (delivery != Delivery::Accepted) return delivery;
    reader.pending.clear();
    reader.full_since.reset();
    if (reader.lagged) links_.notify(reader.link, kTooSlow);
    return delivery;
}

LiveEndpoint::Next LiveEndpoint::after(Delivery delivery, Next accepted) noexcept {
    switch (delivery) {
        case Delivery::Accepted:
            return accepted;
        case Delivery::Busy:
            return Next::QueueFull;
        case Delivery::Unreachable:
            return Next::Gone;
    }
    return Next::Gone;
}

void LiveEndpoint::plan(const std::shared_ptr<Reader>& reader, Next next, SteadyTime now) {
    SteadyTime due = now;
    switch (next) {
        case Next::Ready:
            break;
        case Next::Waiting:
        case Next::Gone:
            return;
        case Next::QueueFull:
            if (!reader->full_since) reader->full_since = now;
            if (now - *reader->full_since >= kPatience) {
                return links_.notify(reader->link, kTooSlow);
            }
            due = now + kQueueRetry;
            break;
        case Next::Unreadable:
            due = now + kHistoryRetry;
            break;
    }
    const std::lock_guard lock(mutex_);
    later_.emplace(due, reader->link);
}

}  // namespace hub::http_api
