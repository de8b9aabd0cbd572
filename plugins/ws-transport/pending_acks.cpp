#include "pending_acks.h"

#include <cassert>
#include <cstdint>
#include <cstring>
#include <limits>

namespace hub::ws_transport {
namespace {

using Length = std::uint16_t;

}  // namespace

void PendingAcks::push(std::string_view message_id) {
    assert(message_id.size() <= std::numeric_limits<Length>::max());
    const auto length = static_cast<Length>(message_id.size());
    char prefix[sizeof(length)];
    std::memcpy(prefix, &length, sizeof(length));
    block_.append(prefix, sizeof(prefix));
    block_.append(message_id);
}

std::string_view PendingAcks::front() const noexcept {
    assert(!empty());
    Length length = 0;
    std::memcpy(&length, block_.data() + begin_, sizeof(length));
    return {block_.data() + begin_ + sizeof(length), length};
}

void PendingAcks::pop() {
    begin_ += sizeof(Length) + front().size();
    if (begin_ == block_.size()) {
        std::string().swap(block_);
        begin_ = 0;
    } else if (begin_ > block_.size() / 2) {
        block_.erase(0, begin_);
        begin_ = 0;
    }
}

}  // namespace hub::ws_transport
