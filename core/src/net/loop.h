#pragma once

#include "hub/time.h"
#include "net/descriptor.h"
#include "net/timer_queue.h"

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace hub::net {

class Connection;
class ConnectionSet;

// Something with a file descriptor that a loop watches.
class Pollable {
public:
    virtual ~Pollable() = default;
    // `events` as epoll_wait(2) gives them. On the loop's thread.
    virtual void onReady(std::uint32_t events) = 0;
};

// One I/O thread: waits for descriptors, timers and posted tasks, and serves them in turns.
//
// A turn is: read the clock, call the wake function if `wake` asked for it, serve what epoll
// reports, run due timers and posted tasks, call the turn-end function, write out what connections
// have queued. Nothing in a turn may block.
//
// Everything but `post`, `call`, `wake`, `stop` and `index` belongs to the thread that runs it.
class Loop {
public:
    // `index` is its place among the loops of a group.
    explicit Loop(const Clock& clock, std::size_t index = 0);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Serves until `stop`; runs what was posted before it. Then every connection still open is
    // aborted. The thread that calls it is the loop's.
    void run();

    // Any thread.
    void stop() noexcept;
    // Runs `task` in one of the next turns, in the order of posting. False when the loop has ended:
    // the task is dropped.
    bool post(std::function<void()> task);
    // Posts `task` and returns when it has run; false, and it will not, when the loop has ended.
    // Not on the loop's thread. There is no deadline: a turn does not block, and `task` may use
    // what its caller has on the stack.
    bool call(const std::function<void()>& task);
    // Makes a turn happen soon, so that the wake function runs. Cheap: many calls before that turn
    // are one.
    void wake() noexcept;

    // Called at the begin of each turn that `wake` asked for, and at the end of every turn. Set
    // before `run`.
    void onWake(std::function<void()> function) { on_wake_ = std::move(function); }
    void onTurnEnd(std::function<void()> function) { on_turn_end_ = std::move(function); }

    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    [[nodiscard]] bool onThread() const noexcept;
    // Read once at the begin of the turn: good for time stamps and deadlines, free of cost.
    [[nodiscard]] SteadyTime now() const noexcept { return now_; }
    [[nodiscard]] const Clock& clock() const noexcept { return clock_; }

    // Level-triggered epoll. `pollable` must be removed before it goes or its descriptor is closed.
    void add(int descriptor, std::uint32_t events, Pollable& pollable);
    void change(int descriptor, std::uint32_t events, Pollable& pollable);
    void remove(int descriptor, Pollable& pollable) noexcept;

    // Scratch space that one pollable may read into while it is served: 64 KiB, and kSlack bytes
    // behind it that may be read but mean nothing.
    [[nodiscard]] std::span<char> readBuffer() noexcept;
    static constexpr std::size_t kReadBytes = 64 * 1024;
    static constexpr std::size_t kSlack = 64;

private:
    friend class Connection;
    friend class Timer;

    // The loop keeps this much room before the read buffer, where a connection puts what its
    // protocol left over, so that it is contiguous with what is read behind it.
    static constexpr std::size_t kTailRoom = 16 * 1024;
    static constexpr std::size_t kBatch = 256;

    void turn();
    void wait();
    void servePollables();
    void runTasks();
    void finish();
    void signal() noexcept;
    void control(int operation, int descriptor, std::uint32_t events, Pollable& pollable);
    [[nodiscard]] int timeoutMilliseconds() const;

    // Constant after construction.
    const Clock& clock_;
    const std::size_t index_;
    const Descriptor epoll_;
    const Descriptor alarm_;  // an eventfd: ends epoll_wait

    // Any thread.
    std::atomic<bool> stopping_{false};
    std::atomic<bool> wake_asked_{false};
    std::atomic<bool> signalled_{false};  // something is to be done that epoll does not know of
    std::atomic<bool> asleep_{false};     // in epoll_wait, or about to be
    std::atomic<std::thread::id> thread_{};

    // Guarded by mutex_.
    std::mutex mutex_;
    std::vector<std::function<void()>> inbox_;
    bool ended_ = false;

    // Loop's thread only.
    std::function<void()> on_wake_;
    std::function<void()> on_turn_end_;
    SteadyTime now_;
    TimerQueue timers_;
    std::array<epoll_event, kBatch> batch_;
    std::span<epoll_event> events_;  // of this turn; those of a pollable that went are cleared
    std::vector<std::function<void()>> tasks_;
    std::unique_ptr<char[]> buffer_;
    std::unique_ptr<ConnectionSet> connections_;
};

}  // namespace hub::net
