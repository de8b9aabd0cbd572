#include "net/loop_group.h"

#include <pthread.h>

#include <string>

namespace hub::net {

LoopGroup::LoopGroup(std::size_t count, const Clock& clock) {
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>(clock, i));
}

LoopGroup::~LoopGroup() { stop(); }

void LoopGroup::start() {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        std::thread& thread = threads_.emplace_back([&loop = *loops_[i]] { loop.run(); });
        ::pthread_setname_np(thread.native_handle(), ("io-" + std::to_string(i)).c_str());
    }
}

void LoopGroup::stop() noexcept {
    for (const auto& loop : loops_) loop->stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

}  // namespace hub::net
