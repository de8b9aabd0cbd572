#pragma once

#include "hub/commands.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace hub::fakes {

// A guard that objects to nothing, and can be held up.
class SlowGuard final : public CommandGuard {
public:
    std::optional<std::string> refuse(const Command& command, const Device&) override {
        std::unique_lock lock(mutex_);
        if (command.name != held_) return std::nullopt;
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this, &command] { return command.name != held_; });
        return std::nullopt;
    }

    // It does not answer for commands of this name, until `release`.
    void hold(std::string name) {
        const std::lock_guard lock(mutex_);
        held_ = std::move(name);
    }
    void release() {
        const std::lock_guard lock(mutex_);
        held_.clear();
        changed_.notify_all();
    }
    // Waits until somebody waits for it; false when nobody does in ten seconds.
    [[nodiscard]] bool awaitHeld() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return waiting_ > 0; });
    }

private:
    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string held_;
    int waiting_ = 0;
};

}  // namespace hub::fakes
