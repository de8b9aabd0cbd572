#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

namespace hub::net {

// What happened on other threads, one line for each thing, for the test's thread to take in turn.
class Mailbox {
public:
    void put(std::string line) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(std::move(line));
        come_.notify_all();
    }

    // Waits for the next line; a test that waits in vain fails.
    std::string take() {
        std::unique_lock lock(mutex_);
        if (!come_.wait_for(lock, std::chrono::seconds{20}, [this] { return !lines_.empty(); })) {
            ADD_FAILURE() << "nothing happened";
            return {};
        }
        std::string line = std::move(lines_.front());
        lines_.pop_front();
        return line;
    }

    [[nodiscard]] bool empty() {
        const std::lock_guard lock(mutex_);
        return lines_.empty();
    }

private:
    std::mutex mutex_;
    std::condition_variable come_;
    std::deque<std::string> lines_;  // guarded by mutex_
};

}  // namespace hub::net
