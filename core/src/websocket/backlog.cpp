#include "websocket/backlog.h"

#include <cassert>
#include <cstdint>
#include <cstring>

namespace hub::websocket {
namespace {

// Shorter than the frame a message came in, so that the bound on what is read bounds this too.
struct Prefix {
    std::uint32_t binary : 1;
    std::uint32_t length : 31;
};

}  // namespace

void Backlog::charge(std::size_t bytes) noexcept {
    assert(bytes <= kLimit - charged_);
    setCharged(charged_ + bytes);
}

// A frame that had begun before the link had a backlog was not charged as a whole.
void Backlog::refund(std::size_t bytes) noexcept {
    setCharged(charged_ - std::min(bytes, charged_));
}

void Backlog::setCharged(std::size_t bytes) noexcept {
    const std::size_t before = shared();
    charged_ = bytes;
    const std::size_t after = shared();
    if (after > before) budget_.take(after - before);
    if (after < before) budget_.giveBack(before - after);
}

void Backlog::push(Decoded::Kind kind, std::string_view payload) {
    Prefix prefix{};
    prefix.binary = kind == Decoded::Kind::Binary ? 1U : 0U;
    prefix.length = static_cast<std::uint32_t>(payload.size()) & 0x7FFF'FFFFU;
    bytes_.append(reinterpret_cast<const char*>(&prefix), sizeof prefix);
    bytes_.append(payload);
    ++size_;
}

Backlog::Message Backlog::pop() {
    assert(!empty());
    Prefix prefix{};
    std::memcpy(&prefix, bytes_.data() + begin_, sizeof prefix);
    const std::size_t payload = begin_ + sizeof prefix;
    begin_ = payload + prefix.length;
    --size_;
    return {prefix.binary == 1 ? Decoded::Kind::Binary : Decoded::Kind::Text,
            bytes_.substr(payload, prefix.length)};
}

}  // namespace hub::websocket
