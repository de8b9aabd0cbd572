#pragma once

#include "hub/event_feed.h"
#include "hub/logger.h"
#include "router/batch.h"
#include "router/feed_reader.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

namespace hub::router {

// The thread on which one listener hears the events that match its filter. What it hears is copied:
// a listener may take its time.
class Listening {
public:
    // Between two attempts to read a history that cannot be read.
    static constexpr std::chrono::milliseconds kRetry{500};

    // All that is given must outlive it.
    Listening(const FeedSources& sources, TopicFilter filter, std::optional<Sequence> after,
              EventListener& listener, Logger& logger);
    // Waits for a call in progress.
    ~Listening();
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

private:
    void run() noexcept;
    void listen();
    [[nodiscard]] EventReader::State tellSome();
    void open(std::optional<Sequence> after);
    void noteFailure(std::string_view what) noexcept;
    void wake();
    [[nodiscard]] bool stopping();
    void awaitWake();
    void awaitRetry();

    // Constant after construction.
    const FeedSources sources_;
    const TopicFilter filter_;
    EventListener& listener_;
    Logger& logger_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;

    // The listener's thread only.
    std::optional<FeedReader> reader_;
    BatchBuilder gathered_;

    std::thread thread_;
};

}  // namespace hub::router
