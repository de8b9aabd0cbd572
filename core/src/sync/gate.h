#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace hub::sync {

// Lets calls into something through until it is closed; closing waits for those that are inside.
// Any thread.
class Gate {
public:
    // One call inside; its end is the call's.
    class Pass {
    public:
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Pass& operator=(Pass&&) = delete;
        ~Pass() {
            if (gate_ != nullptr) gate_->leave();
        }

    private:
        friend class Gate;
        explicit Pass(Gate& gate) : gate_(&gate) {}

        Gate* gate_;
    };

    // Nothing once the gate is closed.
    [[nodiscard]] std::optional<Pass> enter();
    // Must not be called by a call that is inside.
    void close();

private:
    void leave();

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable empty_;
    std::size_t inside_ = 0;
    bool closed_ = false;
};

}  // namespace hub::sync
