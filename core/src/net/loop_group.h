#pragma once

#include "hub/time.h"
#include "net/loop.h"

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace hub::net {

// The I/O threads: some loops, each with a thread of its own. Driven by one thread.
class LoopGroup {
public:
    LoopGroup(std::size_t count, const Clock& clock);
    // Stops them.
    ~LoopGroup();
    LoopGroup(const LoopGroup&) = delete;
    LoopGroup& operator=(const LoopGroup&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return loops_.size(); }
    // Valid as long as the group, also before `start` and after `stop`.
    [[nodiscard]] Loop& operator[](std::size_t index) noexcept { return *loops_[index]; }

    // Once.
    void start();
    // Returns when every connection has been told its end and all threads are gone.
    void stop() noexcept;

private:
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::thread> threads_;
};

}  // namespace hub::net
