#include "event_streams.h"

#include "event_text.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace hub::http_api {

// Wakes one stream, whoever it is that has something for it. It outlives the stream.
class EventStreams::Bell {
public:
    // Once, before the stream is read: what rings earlier needs no hearing.
    void connect(std::function<void()> wake) {
        wake_ = std::move(wake);
        connected_.store(true, std::memory_order_release);
    }
    void ring() const {
        if (connected_.load(std::memory_order_acquire)) wake_();
    }

    std::atomic<bool> heartbeat_due = false;

private:
    std::function<void()> wake_;  // constant once connected_ is true
    std::atomic<bool> connected_ = false;
};

class EventStreams::Stream final : public HttpStream {
public:
    Stream(EventStreams& streams, FeedQuery query)
        : streams_(streams),
          is_ahead_(query.isAhead(streams.events_)),
          reader_(streams.events_.open(std::move(query.filter), query.after,
                                       [bell = bell_] { bell->ring(); })) {
        streams_.add(bell_);
    }
    ~Stream() override { streams_.remove(bell_); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void begin(std::function<void()> wake) override { bell_->connect(std::move(wake)); }

    [[nodiscard]] State read(std::string& piece, std::size_t room) override {
        if (!std::exchange(begun_, true)) appendPosition(piece += "retry: 2000\n");
        if (is_ahead_) {
            appendLagged(piece);
            return State::End;
        }
        if (bell_->heartbeat_due.exchange(false)) appendPosition(piece += ": heartbeat\n");
        const auto state = reader_->read([&piece, room](const Event& event) {
            appendServerSentEvent(piece, event);
            return piece.size() < room;
        });
        switch (state) {
            case EventReader::State::More:
                return State::More;
            case EventReader::State::Waiting:
                return State::Waiting;
            case EventReader::State::Lagged:
                appendLagged(piece);
                return State::End;
            case EventReader::State::Unavailable:
                streams_.retry(bell_);
                return State::Waiting;
        }
        return State::Failed;
    }

private:
    // The id of no event (WHATWG HTML, 9.2.6): where a client resumes by itself that was sent none
    // since. All up to there that matches is in earlier pieces.
    void appendPosition(std::string& piece) const {
        piece.append("id: ").append(std::to_string(reader_->position())).append("\n\n");
    }

    // With the number as its id, so that a client that reconnects by itself resumes there.
    void appendLagged(std::string& piece) const {
        const std::string position = std::to_string(reader_->position());
        piece.append("id: ").append(position).append("\nevent: lagged\ndata: {\"resume_from\":");
        piece.append(position).append("}\n\n");
    }

    EventStreams& streams_;
    const bool is_ahead_;
    const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
    const std::unique_ptr<EventReader> reader_;
    bool begun_ = false;
};

std::shared_ptr<HttpStream> EventStreams::open(FeedQuery query) {
    return std::make_shared<Stream>(*this, std::move(query));
}

SteadyTime EventStreams::serve(SteadyTime now) {
    const bool beats = now >= next_heartbeat_;
    if (beats) next_heartbeat_ = now + kHeartbeat;
    Bells ringing;
    {
        const std::lock_guard lock(mutex_);
        if (!failed_.empty() && !next_retry_) next_retry_ = now + kRetry;
        if (next_retry_ && now >= *next_retry_) {
            next_retry_.reset();
            ringing = std::exchange(failed_, {});
        }
        if (beats) ringing = bells_;
    }
    for (const auto& bell : ringing) {
        if (beats) bell->heartbeat_due = true;
        bell->ring();
    }
    return std::min(next_heartbeat_, next_retry_.value_or(next_heartbeat_));
}

void EventStreams::retry(const std::shared_ptr<Bell>& bell) {
    {
        const std::lock_guard lock(mutex_);
        failed_.insert(bell);
    }
    wake_();
}

void EventStreams::add(std::shared_ptr<Bell> bell) {
    const std::lock_guard lock(mutex_);
    bells_.insert(std::move(bell));
    readers_.set(static_cast<double>(bells_.size()));
}

void EventStreams::remove(const std::shared_ptr<Bell>& bell) {
    const std::lock_guard lock(mutex_);
    bells_.erase(bell);
    failed_.erase(bell);
    readers_.set(static_cast<double>(bells_.size()));
}

}  // namespace hub::http_api
