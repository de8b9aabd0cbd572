#pragma once

#include "fakes/manual_clock.h"
#include "hub/event_feed.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace hub::fakes {

// The live events of a hub in which nothing happens but what a test publishes. It keeps all of it,
// so every reader finds what it is behind; listeners are called by whoever publishes. Any thread.
class FakeEventFeed final : public EventFeed {
public:
    // An event is durable: it gets the next number, readers that wait are woken, listeners told.
    Sequence publish(const Event& event) {
        const Told* told = nullptr;
        {
            const std::lock_guard lock(mutex_);
            told = &told_.emplace_back(event, durable_ + 1);
            ++durable_;
        }
        tellListeners(*told);
        wakeReaders();
        return told->event.sequence;
    }
    Sequence publish(std::string_view device_id, std::string_view name,
                     std::string_view payload = "{}") {
        const EventKind kind = name == "status"    ? EventKind::Status
                               : name == "command" ? EventKind::CommandTarget
                                                   : EventKind::Message;
        return publish({.kind = kind, .device_id = device_id, .name = name, .payload = payload});
    }

    // Numbers begin behind this one: what came before is gone. Before anything is published.
    void beginBehind(Sequence sequence) {
        const std::lock_guard lock(mutex_);
        durable_ = sequence;
    }
    // Every reader there is has become too slow, and every listener.
    void lag() {
        {
            const std::lock_guard lock(mutex_);
            for (Reader* reader : readers_) reader->lagged_ = true;
        }
        {
            const std::lock_guard lock(listeners_mutex_);
            for (const Listening& one : listening_) one.listener->onLag(one.position);
        }
        wakeReaders();
    }
    // Readers find their history unreadable, or again readable.
    void setHistoryReadable(bool readable) {
        const std::lock_guard lock(mutex_);
        readable_ = readable;
    }

    [[nodiscard]] std::size_t readers() const {
        const std::lock_guard lock(mutex_);
        return readers_.size();
    }
    [[nodiscard]] std::size_t listeners() const {
        const std::lock_guard lock(listeners_mutex_);
        return listening_.size();
    }

    [[nodiscard]] std::unique_ptr<EventReader> open(TopicFilter filter,
                                                    std::optional<Sequence> after,
                                                    std::function<void()> wake) override {
        const std::lock_guard lock(mutex_);
        auto reader =
            std::make_unique<Reader>(*this, std::move(filter),
                                     std::min(after.value_or(durable_), durable_), std::move(wake));
        readers_.push_back(reader.get());
        return reader;
    }

    [[nodiscard]] Registration listen(TopicFilter filter, std::optional<Sequence> after,
                                      EventListener& listener) override {
        const std::lock_guard listening(listeners_mutex_);
        const auto added = listening_.insert(
            listening_.end(), {std::move(filter), &listener, after.value_or(durable())});
        for (const Told* told = next(added->position); told != nullptr;
             told = next(added->position)) {
            tell(*added, *told);
        }
        return Registration([this, added] {
            const std::lock_guard detaching(listeners_mutex_);
            listening_.erase(added);
        });
    }

    [[nodiscard]] Sequence durable() const noexcept override {
        const std::lock_guard lock(mutex_);
        return durable_;
    }

private:
    // An event that owns its texts.
    struct Told {
        Told(const Event& from, Sequence sequence)
            : event(from),
              device_id(from.device_id),
              name(from.name),
              payload(from.payload),
              device_type(from.device_type),
              metadata(from.metadata),
              transport(from.transport) {
            event.sequence = sequence;
            if (event.time == Timestamp{}) event.time = ManualClock::kStart;
            event.device_id = device_id;
            event.name = name;
            event.payload = payload;
            event.device_type = device_type;
            event.metadata = metadata;
            event.transport = transport;
            event.command = nullptr;
        }
        Told(const Told&) = delete;
        Told& operator=(const Told&) = delete;

        Event event;
        const std::string device_id;
        const std::string name;
        const std::string payload;
        const std::string device_type;
        const std::string metadata;
        const std::string transport;
    };

    class Reader final : public EventReader {
    public:
        Reader(FakeEventFeed& feed, TopicFilter filter, Sequence after, std::function<void()> wake)
            : feed_(feed), filter_(std::move(filter)), wake_(std::move(wake)), position_(after) {}
        ~Reader() override {
            const std::lock_guard waking(feed_.wake_mutex_);
            const std::lock_guard lock(feed_.mutex_);
            std::erase(feed_.readers_, this);
        }
        Reader(const Reader&) = delete;
        Reader& operator=(const Reader&) = delete;

        [[nodiscard]] State read(const std::function<bool(const Event&)>& visit) override {
            while (true) {
                const Told* told = nullptr;
                {
                    const std::lock_guard lock(feed_.mutex_);
                    if (lagged_) return State::Lagged;
                    if (!feed_.readable_) return State::Unavailable;
                    told = feed_.behind(position_);
                    waiting_ = told == nullptr;
                }
                if (told == nullptr) return State::Waiting;
                position_ = told->event.sequence;
                if (!filter_.matchesDevice(told->device_id, told->name)) continue;
                if (!visit(told->event)) return State::More;
            }
        }
        [[nodiscard]] Sequence position() const noexcept override { return position_; }

    private:
        friend class FakeEventFeed;

        FakeEventFeed& feed_;
        const TopicFilter filter_;
        const std::function<void()> wake_;
        Sequence position_;     // of its own thread
        bool waiting_ = false;  // guarded by feed_.mutex_
        bool lagged_ = false;   // guarded by feed_.mutex_
    };

    struct Listening {
        TopicFilter filter;
        EventListener* listener;
        Sequence position;
    };

    // Under mutex_. What is told stays where it is for good.
    const Told* behind(Sequence position) const {
        const auto found = std::ranges::find_if(
            told_, [position](const Told& told) { return told.event.sequence > position; });
        return found == told_.end() ? nullptr : &*found;
    }
    const Told* next(Sequence position) const {
        const std::lock_guard lock(mutex_);
        return behind(position);
    }

    void tellListeners(const Told& told) {
        const std::lock_guard lock(listeners_mutex_);
        for (Listening& one : listening_) {
            if (told.event.sequence > one.position) tell(one, told);
        }
    }
    static void tell(Listening& to, const Told& told) {
        to.position = told.event.sequence;
        if (to.filter.matchesDevice(told.device_id, told.name)) {
            to.listener->onEvents(std::span(&told.event, 1));
        }
    }

    void wakeReaders() {
        const std::lock_guard waking(wake_mutex_);
        std::list<Reader*> woken;
        {
            const std::lock_guard lock(mutex_);
            for (Reader* reader : readers_) {
                if (std::exchange(reader->waiting_, false)) woken.push_back(reader);
            }
        }
        for (Reader* reader : woken) {
            if (reader->wake_) reader->wake_();
        }
    }

    std::mutex wake_mutex_;  // held while readers are woken: so their end waits for that

    // Guarded by listeners_mutex_, which is held while they are told: so their end waits for that.
    mutable std::mutex listeners_mutex_;
    std::list<Listening> listening_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::deque<Told> told_;
    Sequence durable_ = 0;
    bool readable_ = true;
    std::list<Reader*> readers_;
};

}  // namespace hub::fakes
