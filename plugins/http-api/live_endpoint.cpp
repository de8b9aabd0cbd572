#include "live_endpoint.h"

#include "event_text.h"

#include <string>
#include <utility>

namespace hub::http_api {

namespace {

// The one thing a session is notified of.
constexpr std::uint64_t kMissedEvents = 1;

}  // namespace

// One link's place in the events.
struct LiveEndpoint::Reader {
    LinkId link{};
    Stage stage = Stage::Live;  // guarded by mutex_

    // Of the thread that serves the stage.
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
        link_.close(CloseCode::TryAgainLater, "events were missed");
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
                           std::function<void(Stage)> wake)
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
    const bool is_ahead = query.isAhead(events_);
    auto session = std::make_unique<Session>(*this, link);
    const auto reader = std::make_shared<Reader>();
    reader->link = link.id();
    if (query.after) reader->stage = Stage::CatchingUp;
    reader->events =
        events_.open(std::move(query.filter), query.after, [this, id = link.id()] { ready(id); });
    if (is_ahead) lag(*reader);
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

SteadyTime LiveEndpoint::serve(Stage stage, SteadyTime now) {
    for (const auto& reader : takeDue(stage, now)) plan(stage, *reader, advance(*reader), now);
    const std::lock_guard lock(mutex_);
    const Queue& queue = queueOf(stage);
    if (!queue.ready.empty()) return now;
    return queue.later.empty() ? SteadyTime::max() : queue.later.begin()->first;
}

void LiveEndpoint::ready(LinkId link) {
    Stage stage{};
    {
        const std::lock_guard lock(mutex_);
        const auto found = readers_.find(link);
        if (found == readers_.end()) return;
        stage = found->second->stage;
        queueOf(stage).ready.insert(link);
    }
    wake_(stage);
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

// Each at most once. One that has left the stage is the other thread's.
std::vector<std::shared_ptr<LiveEndpoint::Reader>> LiveEndpoint::takeDue(Stage stage,
                                                                         SteadyTime now) {
    std::vector<std::shared_ptr<Reader>> due;
    const std::lock_guard lock(mutex_);
    Queue& queue = queueOf(stage);
    while (!queue.later.empty() && queue.later.begin()->first <= now) {
        queue.ready.insert(queue.later.begin()->second);
        queue.later.erase(queue.later.begin());
    }
    for (const LinkId link : std::exchange(queue.ready, {})) {
        const auto found = readers_.find(link);
        if (found != readers_.end() && found->second->stage == stage) due.push_back(found->second);
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
    lag(reader);
    return after(sendPending(reader), Next::Waiting);
}

void LiveEndpoint::lag(Reader& reader) {
    reader.lagged = true;
    reader.pending =
        R"({"event":"lagged","resume_from":)" + std::to_string(reader.events->position()) + "}";
}

// What is refused for want of room stays pending.
Delivery LiveEndpoint::sendPending(Reader& reader) {
    if (reader.pending.empty()) return Delivery::Accepted;
    const Delivery delivery = links_.send(reader.link, reader.pending);
    if (delivery != Delivery::Accepted) return delivery;
    reader.pending.clear();
    reader.full_since.reset();
    if (reader.lagged) links_.notify(reader.link, kMissedEvents);
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

void LiveEndpoint::plan(Stage stage, Reader& reader, Next next, SteadyTime now) {
    SteadyTime due = now;
    switch (next) {
        case Next::Ready:
            break;
        case Next::Waiting:
            if (stage == Stage::CatchingUp) goLive(reader);
            return;
        case Next::Gone:
            return;
        case Next::QueueFull:
            if (!reader.full_since) reader.full_since = now;
            if (now - *reader.full_since >= kPatience) {
                return links_.notify(reader.link, kMissedEvents);
            }
            due = now + kQueueRetry;
            break;
        case Next::Unreadable:
            due = now + kHistoryRetry;
            break;
    }
    const std::lock_guard lock(mutex_);
    queueOf(stage).later.emplace(due, reader.link);
}

// Its wake-up call may have come already and gone to the stage it leaves: so it is ready.
void LiveEndpoint::goLive(Reader& reader) {
    {
        const std::lock_guard lock(mutex_);
        reader.stage = Stage::Live;
    }
    ready(reader.link);
}

LiveEndpoint::Queue& LiveEndpoint::queueOf(Stage stage) noexcept {
    return queues_[static_cast<std::size_t>(stage)];
}

}  // namespace hub::http_api
