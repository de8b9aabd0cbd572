#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace hub::http {

// Some threads that run tasks which may block. Any thread.
class WorkerPool {
public:
    // At most `queue_limit` submitted tasks wait; what they hold in bytes is bounded where they are
    // made. The threads are called `name`-0, -1, ...
    WorkerPool(std::size_t threads, std::size_t queue_limit, std::string_view name = "http");
    // Waits for the tasks that run and drops those that wait.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False when as many wait as may. `task` must not throw.
    [[nodiscard]] bool submit(std::function<void()> task);
    // The same, in one queue with the others, and never refused: for whoever bounds by itself how
    // many of its tasks there are.
    void post(std::function<void()> task);

private:
    struct Task {
        std::function<void()> run;
        bool submitted;  // counts towards the limit
    };

    bool enqueue(Task task);
    void work();
    bool shouldWake() noexcept;

    // Constant after construction.
    const std::size_t queue_limit_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> queue_;
    std::size_t submitted_ = 0;  // of the queue
    std::size_t idle_ = 0;
    bool waking_ = false;  // one has been woken and has not yet come
    bool stopping_ = false;

    std::vector<std::thread> threads_;
};

}  // namespace hub::http
