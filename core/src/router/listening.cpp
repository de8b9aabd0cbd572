#include "router/listening.h"

#include <exception>
#include <string>
#include <utility>

namespace hub::router {

Listening::Listening(const FeedSources& sources, TopicFilter filter, std::optional<Sequence> after,
                     EventListener& listener, Logger& logger)
    : sources_(sources), filter_(std::move(filter)), listener_(listener), logger_(logger) {
    open(after);
    thread_ = std::thread([this] { run(); });
}

Listening::~Listening() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

void Listening::open(std::optional<Sequence> after) {
    reader_.emplace(sources_, filter_, after, [this] { wake(); });
}

void Listening::run() noexcept {
    try {
        listen();
    } catch (const std::exception& error) {
        noteFailure(error.what());
    } catch (...) {
        noteFailure("an unknown exception");
    }
    reader_.reset();
}

void Listening::listen() {
    while (!stopping()) {
        switch (tellSome()) {
            case EventReader::State::More:
                break;
            case EventReader::State::Waiting:
                awaitWake();
                break;
            case EventReader::State::Lagged:
                listener_.onLag(reader_->position());
                open(std::nullopt);
                break;
            case EventReader::State::Unavailable:
                awaitRetry();
                break;
        }
    }
}

// Reads what there is, then calls the listener: a history is not held back by what it does.
EventReader::State Listening::tellSome() {
    std::optional<Batch> full;
    const EventReader::State state = reader_->read([&](const Event& event) {
        if (gathered_.add(event)) return true;
        full = gathered_.take();
        static_cast<void>(gathered_.add(event));  // an empty builder has room for any event
        return false;
    });
    if (full) listener_.onEvents(full->events());
    if (gathered_.size() > 0) {
        const Batch rest = gathered_.take();
        listener_.onEvents(rest.events());
    }
    return state;
}

void Listening::noteFailure(std::string_view what) noexcept {
    logger_.error("a listener of " + filter_.text() +
                  " has failed and hears no more: " + std::string(what));
}

void Listening::wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
}

bool Listening::stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void Listening::awaitWake() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return woken_ || stopping_; });
    woken_ = false;
}

void Listening::awaitRetry() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kRetry, [this] { return stopping_; });
}

}  // namespace hub::router
