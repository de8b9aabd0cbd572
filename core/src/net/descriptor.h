#pragma once

#include <unistd.h>

#include <utility>

namespace hub::net {

// Owns a file descriptor; -1 is none.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int value) noexcept : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int value() const noexcept { return value_; }
    // Gives the descriptor up to the caller.
    [[nodiscard]] int release() noexcept { return std::exchange(value_, -1); }

private:
    int value_ = -1;
};

}  // namespace hub::net
