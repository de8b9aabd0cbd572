#pragma once

#include <atomic>
#include <cstddef>

namespace hub::http {

// Bytes that may be held at a time by all who share the budget. Any thread.
class ByteBudget {
public:
    explicit ByteBudget(std::size_t bytes) : left_(bytes) {}

    // False, and nothing taken, when less than `bytes` is left.
    [[nodiscard]] bool take(std::size_t bytes) noexcept {
        std::size_t left = left_.load();
        while (left >= bytes) {
            if (left_.compare_exchange_weak(left, left - bytes)) return true;
        }
        return false;
    }
    void giveBack(std::size_t bytes) noexcept { left_ += bytes; }

private:
    std::atomic<std::size_t> left_;
};

}  // namespace hub::http
