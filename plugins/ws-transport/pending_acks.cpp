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
    if (!waiting_) waiting_ = std::make_unique<Waiting>();
    waiting_->block.append(prefix, sizeof(prefix)).append(message_id);
}

std::string_view PendingAcks::front() const noexcept {
    assert(!empty());
    Length length = 0;
    const char* const oldest = waiting_->block.data() + waiting_->begin;
    std::memcpy(&length, oldest, sizeof(length));
    return {oldest + sizeof(length), length};
}

void PendingAcks::pop() {
    auto& [block, begin] = *waiting_;
    begin += sizeof(Length) + front().size();
    if (begin == block.size()) {
        waiting_.reset();
    } else if (begin > block.size() / 2) {
        block.erase(0, begin);
        begin = 0;
    }
}

}  // namespace hub::ws_transport
