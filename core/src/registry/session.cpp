#include "registry/session.h"

#include "hub/http.h"

#include <array>
#include <charconv>
#include <thread>
#include <utility>

namespace hub::registry {

namespace {

std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }

// A string would have to hold more than its size, and room for a short one.
std::unique_ptr<const char[]> textOf(std::string_view address) {
    auto text = std::make_unique<char[]>(address.size() + 1);
    address.copy(text.get(), address.size());
    return text;
}

// Seconds, with so many decimals.
void appendSeconds(std::string& text, std::chrono::duration<double> duration, int decimals) {
    std::array<char, 32> digits{};
    const auto written = std::to_chars(digits.begin(), digits.end(), duration.count(),
                                       std::chars_format::fixed, decimals);
    text.append(digits.data(), written.ptr);
}

}  // namespace

Session::Session(std::shared_ptr<DeviceEntry> entry, const LinkDescription& link,
                 router::Sink& sink, SessionSurroundings& surroundings)
    : entry_(std::move(entry)),
      address_(textOf(link.address)),
      opened_(link.opened),
      sink_(sink),
      surroundings_(surroundings),
      acks_(link.transport, link.link) {
    const std::lock_guard lock(entry_->mutex);
    adoptTimeout();
}

Session::~Session() {
    end(OfflineReason::Lost);
    // What others call on a transport only posts and returns, so this is over at once.
    while (calls_.load() != 0) std::this_thread::yield();
}

bool Session::claim() {
    Call holder;
    Call loser;
    {
        const std::lock_guard lock(entry_->mutex);
        if (entry_->forgotten) return false;
        if (!entry_->holder) {
            entry_->holder = this;
            state_.store(State::Active, std::memory_order_release);
            return true;
        }
        const Session& newest = entry_->waiter ? *entry_->waiter : *entry_->holder;
        if (newest.opened_ > opened_) {
            // A link that spoke late: the device has connected again since.
            loser = Call(this);
        } else {
            holder = Call(entry_->holder);
            loser = Call(entry_->waiter);
            entry_->waiter = this;
        }
    }
    loser.disconnect(OfflineReason::TakenOver);
    holder.disconnect(OfflineReason::TakenOver);
    return true;
}

std::string_view Session::deviceId() const noexcept { return entry_->id; }

bool Session::active() const noexcept { return online_; }

bool Session::publish(const DeviceMessage& message, AckTag tag) {
    if (state_.load(std::memory_order_acquire) != State::Active) return false;
    const bool comes_online = !online_;
    if (comes_online) goOnline();
    seen();
    take(message, tag);
    const DeviceNews& news = surroundings_.news;
    if (comes_online && news.came_online) news.came_online(entry_->index);
    if (message.type == MessageType::CommandAck && news.acknowledged) {
        news.acknowledged(entry_->index, message);
    }
    return true;
}

void Session::take(const DeviceMessage& message, AckTag tag) {
    if (message.type == MessageType::Registration) return updateRegistration(message, tag);
    if (!message.device_type.empty() && message.device_type != entry_->type) {
        addTypeCorrection(message.device_type);
    }
    switch (message.type) {
        case MessageType::Registration:
            break;
        case MessageType::Heartbeat:
            noteHeartbeat();
            if (tag != AckTag::None) {
                add({.kind = EventKind::Message, .name = message.name, .payload = message.document},
                    tag);
            }
            break;
        case MessageType::Status:
            for (const Reading& reading : message.readings) {
                add({.kind = EventKind::Status,
                     .name = message.name,
                     .payload = reading.payload,
                     .device_time = reading.device_time},
                    &reading == &message.readings.back() ? tag : AckTag::None);
            }
            break;
        case MessageType::CommandAck:
        case MessageType::Alert:
        case MessageType::Other:
            add({.kind = EventKind::Message, .name = message.name, .payload = message.document},
                tag);
            break;
    }
}

void Session::seen() noexcept {
    if (!online_) return;
    entry_->last_seen.store(microseconds(sink_.now()), std::memory_order_relaxed);
    entry_->heard.store(true, std::memory_order_release);
}

std::chrono::milliseconds Session::timeout() const noexcept { return timeout_; }

void Session::noteHeartbeat() noexcept {
    entry_->last_heartbeat.store(entry_->last_seen.load(std::memory_order_relaxed),
                                 std::memory_order_relaxed);
    entry_->heard.store(true, std::memory_order_release);
}

void Session::end(OfflineReason reason, std::uint16_t code) {
    if (state_.load(std::memory_order_relaxed) == State::Ended) return;
    if (online_) goOffline(reason, code);
    acks_.close();
    sink_.flush();
    letGo();
}

// What it published is in the log: from here on another session's events may follow, or the last
// one of all.
void Session::letGo() {
    Call next;
    std::unique_ptr<Forgetting> forgetting;
    {
        const std::lock_guard lock(entry_->mutex);
        state_.store(State::Ended, std::memory_order_release);
        if (entry_->waiter == this) entry_->waiter = nullptr;
        if (entry_->holder == this) {
            entry_->holder = entry_->forgotten ? nullptr : std::exchange(entry_->waiter, nullptr);
            if (entry_->holder) {
                entry_->holder->state_.store(State::Active, std::memory_order_release);
                next = Call(entry_->holder);
            }
        }
        if (!entry_->holder && !entry_->waiter) forgetting.swap(entry_->forgetting);
    }
    next.granted();
    if (forgetting) forgetting->write(entry_);
}

void Session::goOnline() {
    const Timestamp now = sink_.now();
    const std::string& name = surroundings_.transport_names.keep(transport().name());
    online_ = true;
    online_since_ = surroundings_.clock.steady();
    surroundings_.online.fetch_add(1, std::memory_order_relaxed);
    {
        const std::lock_guard lock(entry_->mutex);
        entry_->online = true;
        entry_->offline_reason = OfflineReason::None;
        entry_->transport = &name;
        entry_->connected_at = microseconds(now);
        entry_->disconnected_at = 0;
        adoptTimeout();
    }
    add({.kind = EventKind::Connected,
         .name = "connected",
         .payload = linkDetails(OfflineReason::None, 0),
         .transport = name});
    if (surroundings_.logger.enabled(LogLevel::Debug)) logOnline();
}

void Session::goOffline(OfflineReason reason, std::uint16_t code) {
    const Timestamp now = sink_.now();
    online_ = false;
    surroundings_.online.fetch_sub(1, std::memory_order_relaxed);
    {
        const std::lock_guard lock(entry_->mutex);
        entry_->online = false;
        entry_->offline_reason = reason;
        entry_->disconnected_at = microseconds(now);
    }
    add({.kind = EventKind::Disconnected,
         .reason = reason,
         .name = "disconnected",
         .payload = linkDetails(reason, code),
         .transport = transport().name()});
    if (surroundings_.logger.enabled(LogLevel::Debug)) logOffline(reason);
}

void Session::updateRegistration(const DeviceMessage& message, AckTag tag) {
    noteHeartbeat();
    // A registration that tells none leaves what is known.
    std::unique_ptr<const Metadata> metadata;
    if (!message.metadata.empty()) {
        metadata = std::make_unique<const Metadata>(
            Metadata{std::string(message.metadata), {message.tags.begin(), message.tags.end()}});
    }
    {
        const std::lock_guard lock(entry_->mutex);
        entry_->type = message.device_type;
        if (metadata) entry_->metadata.swap(metadata);
        adoptTimeout();
    }
    add({.kind = EventKind::Registration,
         .name = message.name,
         .payload = message.document,
         .device_type = message.device_type,
         .metadata = message.metadata},
        tag);
}

// A message may say the device's type without being a registration: early firmwares do.
void Session::addTypeCorrection(std::string_view type) {
    noteHeartbeat();
    {
        const std::lock_guard lock(entry_->mutex);
        entry_->type = type;
        adoptTimeout();
    }
    std::string document = R"({"message_type":"registration","device_type":)";
    appendJsonString(document, type);
    document += "}";
    add({.kind = EventKind::Registration,
         .name = "registration",
         .payload = document,
         .device_type = type});
}

// Under the entry's lock.
void Session::adoptTimeout() { timeout_ = surroundings_.timeouts.of(entry_->id, entry_->type); }

void Session::add(Event event, AckTag tag) {
    event.device = entry_->index;
    event.device_id = entry_->id;
    sink_.add(event, acks_, tag);
}

// What the connection history keeps of a link as it begins, or as it ends with `reason`.
std::string Session::linkDetails(OfflineReason reason, std::uint16_t code) const {
    const bool ended = reason != OfflineReason::None;
    std::string json = "{";
    if (ended) json.append(R"("reason":")").append(toString(reason)).append("\",");
    if (code != 0) json.append(R"("code":)").append(std::to_string(code)).append(",");
    json += R"("transport":)";
    appendJsonString(json, transport().name());
    json += R"(,"address":)";
    appendJsonString(json, address_.get());
    if (ended) {
        json += R"(,"duration_s":)";
        appendSeconds(json, surroundings_.clock.steady() - online_since_, 3);
    }
    json += "}";
    return json;
}

void Session::logOnline() const {
    std::string line = entry_->id;
    line.append(" online (")
        .append(transport().name())
        .append(", ")
        .append(address_.get())
        .append(")");
    surroundings_.logger.debug(line);
}

void Session::logOffline(OfflineReason reason) const {
    std::string line = entry_->id;
    line.append(" offline: ").append(toString(reason)).append(" after ");
    appendSeconds(line, surroundings_.clock.steady() - online_since_, 1);
    surroundings_.logger.debug(line.append(" s"));
}

}  // namespace hub::registry
