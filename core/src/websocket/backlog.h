#pragma once

#include "websocket/frame_decoder.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

namespace hub::websocket {

// What all links may read together while the event log is full, beside their own shares. Any
// thread. It may be passed by what one link of each loop reads at the same moment.
class BacklogBudget {
public:
    explicit BacklogBudget(std::size_t bytes) noexcept
        : left_(static_cast<std::ptrdiff_t>(bytes)) {}

    [[nodiscard]] std::size_t left() const noexcept {
        return static_cast<std::size_t>(
            std::max<std::ptrdiff_t>(left_.load(std::memory_order_relaxed), 0));
    }
    void take(std::size_t bytes) noexcept {
        left_.fetch_sub(static_cast<std::ptrdiff_t>(bytes), std::memory_order_relaxed);
    }
    void giveBack(std::size_t bytes) noexcept {
        left_.fetch_add(static_cast<std::ptrdiff_t>(bytes), std::memory_order_relaxed);
    }

private:
    std::atomic<std::ptrdiff_t> left_;
};

// What a link reads while the event log is full: whole messages, kept in their order until there is
// room. How much it may read is bounded by kLimit, and beyond kOwnShare by the budget, which gets
// everything back when the backlog goes.
class Backlog {
public:
    struct Message {
        Decoded::Kind kind = Decoded::Kind::Text;
        std::string payload;
    };

    // `budget` must outlive it.
    explicit Backlog(BacklogBudget& budget) noexcept : budget_(budget) {}
    ~Backlog() { budget_.giveBack(shared()); }
    Backlog(const Backlog&) = delete;
    Backlog& operator=(const Backlog&) = delete;

    // How many more bytes the link may read.
    [[nodiscard]] std::size_t room() const noexcept {
        const std::size_t own = kOwnShare - std::min(kOwnShare, charged_);
        return std::min(kLimit - charged_, own + budget_.left());
    }
    // So many of them, as many as there was room for at most, were read.
    void charge(std::size_t bytes) noexcept;
    // Of those, so many are done with.
    void refund(std::size_t bytes) noexcept;

    void push(Decoded::Kind kind, std::string_view payload);
    // The oldest message.
    [[nodiscard]] Message pop();
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    static constexpr std::size_t kLimit = 4 * 1024;
    // Enough for a control frame (RFC 6455, 5.5) of a link that has said little: it is read and
    // answered however much the other links have sent.
    static constexpr std::size_t kOwnShare = 256;

private:
    // What it holds of the budget.
    [[nodiscard]] std::size_t shared() const noexcept {
        return charged_ - std::min(kOwnShare, charged_);
    }
    void setCharged(std::size_t bytes) noexcept;

    BacklogBudget& budget_;
    std::size_t charged_ = 0;
    std::size_t size_ = 0;
    std::size_t begin_ = 0;  // of the oldest message in bytes_
    std::string bytes_;      // kind, length and payload of each message
};

}  // namespace hub::websocket
