#include "commands/request_rules.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace hub::commands {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 30);

bool hasControlCharacter(std::string_view text) noexcept {
    return std::ranges::any_of(text, [](char c) {
        const auto code = static_cast<unsigned char>(c);
        return code < 0x20 || code == 0x7F;
    });
}

Error invalid(std::string sentence) { return {Error::Kind::Invalid, std::move(sentence)}; }

// Fields have their lengths before them, so that two of them never read like other two.
class Digest {
public:
    void add(std::string_view text) noexcept {
        add(text.size());
        for (const char c : text) addByte(static_cast<unsigned char>(c));
    }
    void add(std::uint64_t number) noexcept {
        for (int shift = 0; shift < 64; shift += 8) {
            addByte(static_cast<unsigned char>(number >> shift));
        }
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    void addByte(unsigned char byte) noexcept { value_ = (value_ ^ byte) * 0x100000001B3U; }

    std::uint64_t value_ = 0xCBF29CE484222325U;
};

}  // namespace

Result<void> check(const CommandRequest& request) {
    const CommandTargets& targets = request.targets;
    const bool by_word =
        targets.by == CommandTargets::By::Type || targets.by == CommandTargets::By::Tag;
    if (targets.by == CommandTargets::By::Ids && targets.ids.empty()) {
        return invalid("a command needs at least one device id, or a type, a tag or all");
    }
    if (by_word && targets.word.empty()) return invalid("the type or tag must not be empty");
    if (request.name.empty() || request.name.size() > CommandRequest::kMaxNameBytes ||
        hasControlCharacter(request.name)) {
        return invalid("a command name has 1 to 64 bytes without control characters");
    }
    if (request.payload.size() > CommandRequest::kMaxPayloadBytes) {
        return invalid("the payload of a command may have 65536 bytes, not " +
                       std::to_string(request.payload.size()));
    }
    if (!request.idempotency_key.empty() && !CommandRequest::isValidKey(request.idempotency_key)) {
        return invalid("an idempotency key has 1 to 255 visible ASCII characters");
    }
    for (const auto span : {request.ack_timeout, request.ttl}) {
        if (span < 1ms || span > kLongest) {
            return invalid("ack_timeout and ttl may be one millisecond to 30 days");
        }
    }
    return {};
}

std::uint64_t digestOf(const CommandRequest& request) noexcept {
    Digest digest;
    digest.add(static_cast<std::uint64_t>(request.targets.by));
    digest.add(request.targets.ids.size());
    for (const std::string& id : request.targets.ids) digest.add(id);
    digest.add(request.targets.word);
    digest.add(request.name);
    digest.add(request.payload);
    digest.add(static_cast<std::uint64_t>(request.ack_timeout.count()));
    digest.add(static_cast<std::uint64_t>(request.ttl.count()));
    digest.add(request.queue_offline ? 1U : 0U);
    return digest.value();
}

}  // namespace hub::commands
