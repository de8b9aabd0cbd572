#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace hub::ws_transport {

// The `msg_id`s of published messages that are not yet durable, in order. One link has none or few
// of them most of the time, and there are many links: so it is a pointer, null while there are
// none.
class PendingAcks {
public:
    // `message_id` as JSON, of at most 65,535 bytes.
    void push(std::string_view message_id);

    // The oldest; there must be one. Valid until the next call.
    [[nodiscard]] std::string_view front() const noexcept;
    void pop();

    [[nodiscard]] bool empty() const noexcept { return waiting_ == nullptr; }
    // What they take.
    [[nodiscard]] std::size_t bytes() const noexcept {
        return empty() ? 0 : waiting_->block.size() - waiting_->begin;
    }

private:
    struct Waiting {
        std::string block;  // each with its length in two bytes before it
        std::size_t begin = 0;
    };

    std::unique_ptr<Waiting> waiting_;
};

}  // namespace hub::ws_transport
