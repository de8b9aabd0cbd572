#pragma once

#include "hub/store.h"
#include "hub/time.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <span>

namespace hub::storage {

// A store as its writer calls it. Each call can be watched: a disk or a database that never answers
// leaves no other trace than a call that does not return. What a store throws becomes an error.
//
// `recover` is not among the calls: it comes before there is a writer, or anybody who watches.
class WatchedStore {
public:
    // Both must outlive it.
    WatchedStore(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    // How long the call in progress has lasted; zero between calls. Any thread.
    [[nodiscard]] std::chrono::nanoseconds busy() const noexcept {
        const SteadyTime since = busy_since_.load(std::memory_order_relaxed);
        return since == kIdle ? std::chrono::nanoseconds(0) : clock_.steady() - since;
    }

    // As in Store. One thread.
    [[nodiscard]] Result<void> append(std::span<const Event> batch) {
        return watched([&] { return store_.append(batch); });
    }
    [[nodiscard]] Result<void> noteLife(std::span<const SignOfLife> signs) {
        return watched([&] { return store_.noteLife(signs); });
    }
    [[nodiscard]] bool maintain(Timestamp now) noexcept {
        const Watch watch(*this);
        return store_.maintain(now);
    }

private:
    static constexpr SteadyTime kIdle = SteadyTime::min();

    // Lasts as long as a call.
    class Watch {
    public:
        explicit Watch(WatchedStore& store) noexcept : since_(store.busy_since_) {
            since_.store(store.clock_.steady(), std::memory_order_relaxed);
        }
        ~Watch() { since_.store(kIdle, std::memory_order_relaxed); }
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        std::atomic<SteadyTime>& since_;
    };

    template <class Call>
    Result<void> watched(Call call) {
        const Watch watch(*this);
        try {
            return call();
        } catch (const std::exception& error) {
            return Error{Error::Kind::Unavailable, error.what()};
        }
    }

    // Constant after construction.
    Store& store_;
    const Clock& clock_;

    // Written by the thread that calls, read by any.
    std::atomic<SteadyTime> busy_since_{kIdle};
};

}  // namespace hub::storage
