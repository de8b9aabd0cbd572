#include "commands/guards.h"

#include <exception>

namespace hub::commands {

namespace {

std::optional<std::string> answerOf(CommandGuard& guard, const Command& command,
                                    const Device& target) {
    try {
        return guard.refuse(command, target);
    } catch (const std::exception& error) {
        return std::string("a guard has failed: ") + error.what();
    } catch (...) {
        return "a guard has failed";
    }
}

// Cut at the end of a character (RFC 3629: 10xxxxxx continues one).
void shorten(std::string& reason) {
    if (reason.size() <= Guards::kMaxReasonBytes) return;
    std::size_t end = Guards::kMaxReasonBytes;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0U) == 0x80U) --end;
    reason.resize(end);
}

}  // namespace

Registration Guards::attach(CommandGuard& guard) {
    auto attached = std::make_shared<Attached>(guard);
    {
        const std::lock_guard lock(mutex_);
        attached_.push_back(attached);
        count_ = attached_.size();
    }
    return Registration([this, attached] {
        {
            const std::lock_guard lock(mutex_);
            std::erase(attached_, attached);
            count_ = attached_.size();
        }
        attached->calls.close();
    });
}

std::optional<std::string> Guards::refusal(const Command& command, const Device& target) const {
    std::vector<std::shared_ptr<Attached>> asked;
    {
        const std::lock_guard lock(mutex_);
        asked = attached_;
    }
    for (const auto& one : asked) {
        const auto call = one->calls.enter();
        if (!call) continue;
        if (auto reason = answerOf(one->guard, command, target)) {
            if (reason->empty()) reason = "a guard refuses it";
            shorten(*reason);
            return reason;
        }
    }
    return std::nullopt;
}

}  // namespace hub::commands
