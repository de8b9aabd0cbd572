#include "http/worker_pool.h"

#include <pthread.h>

#include <string>
#include <utility>

namespace hub::http {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_limit, std::string_view name)
    : queue_limit_(queue_limit) {
    for (std::size_t i = 0; i < threads; ++i) {
        std::thread& thread = threads_.emplace_back([this] { work(); });
        const std::string thread_name = std::string(name) + "-" + std::to_string(i);
        ::pthread_setname_np(thread.native_handle(), thread_name.c_str());
    }
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(std::function<void()> task) { return enqueue({std::move(task), true}); }

void WorkerPool::post(std::function<void()> task) { enqueue({std::move(task), false}); }

bool WorkerPool::enqueue(Task task) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (task.submitted && submitted_ >= queue_limit_) return false;
        if (task.submitted) ++submitted_;
        queue_.push_back(std::move(task));
        wake = shouldWake();
    }
    if (wake) wake_.notify_one();
    return true;
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (queue_.empty()) {
            ++idle_;
            wake_.wait(lock);
            --idle_;
            waking_ = false;
            continue;
        }
        Task task = std::move(queue_.front());
        queue_.pop_front();
        if (task.submitted) --submitted_;
        const bool wake = shouldWake();
        lock.unlock();
        if (wake) wake_.notify_one();
        task.run();
        task.run = nullptr;  // what it holds must not go under the lock
        lock.lock();
    }
}

// A burst of requests wakes one worker, which wakes the next only if the burst outlasts it: waking
// a thread costs more than most handlers.
bool WorkerPool::shouldWake() noexcept {
    if (queue_.empty() || idle_ == 0 || waking_) return false;
    return waking_ = true;
}

}  // namespace hub::http
