#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hub::ws_transport {

// The `msg_id`s of published messages that are not yet durable, in order. One link has few of them
// most of the time, and there are many links: so they stand in one block of memory, which is given
// back when the last is taken.
class PendingAcks {
public:
    // `message_id` as JSON, of at most 65,535 bytes.
    void push(std::string_view message_id);

    // The oldest; there must be one. Valid until the next call.
    [[nodiscard]] std::string_view front() const noexcept;
    void pop();

    [[nodiscard]] bool empty() const noexcept { return bytes() == 0; }
    // What they take.
    [[nodiscard]] std::size_t bytes() const noexcept { return block_.size() - begin_; }

private:
    // Each with its length in two bytes before it.
    std::string block_;
    std::size_t begin_ = 0;
};

}  // namespace hub::ws_transport
