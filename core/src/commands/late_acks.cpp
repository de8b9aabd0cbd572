#include "commands/late_acks.h"

#include <utility>

namespace hub::commands {

namespace {

std::size_t bytesOf(const LateAck& ack) noexcept {
    const std::size_t record =
        ack.record ? sizeof(CommandRecord) + ack.record->command.payload.size() : 0;
    return sizeof(LateAck) + ack.id.size() + ack.reason.size() + ack.response.size() + record;
}

}  // namespace

LateAcks::LateAcks(const History& history, Counter& dropped, std::function<void()> found)
    : history_(history), dropped_(dropped), tell_found_(std::move(found)) {
    thread_ = std::thread([this] { run(); });
}

LateAcks::~LateAcks() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        changed_.notify_one();
    }
    thread_.join();
    const std::size_t left = waiting_.size() + found_.size();
    if (left > 0) dropped_.add(left);
}

void LateAcks::add(LateAck ack) {
    const std::size_t bytes = bytesOf(ack);
    {
        const std::lock_guard lock(mutex_);
        if (bytes_ + bytes <= kMaxBytes) {
            bytes_ += bytes;
            waiting_.push_back(std::move(ack));
            changed_.notify_one();
            return;
        }
    }
    dropped_.add();
}

std::vector<LateAck> LateAcks::takeFound() {
    if (!any_found_) return {};
    const std::lock_guard lock(mutex_);
    any_found_ = false;
    for (const LateAck& ack : found_) bytes_ -= bytesOf(ack);
    return std::exchange(found_, {});
}

void LateAcks::run() {
    while (auto ack = next()) {
        const std::size_t bytes = bytesOf(*ack);
        const auto target = lookUp(*ack);
        if (!target) dropped_.add();
        const bool found = target && *target;
        {
            const std::lock_guard lock(mutex_);
            bytes_ -= bytes;
            if (found) {
                bytes_ += bytesOf(*ack);
                found_.push_back(std::move(*ack));
                any_found_ = true;
            }
        }
        if (found) tell_found_();
    }
}

// Nothing: there is to be an end.
std::optional<LateAck> LateAcks::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return std::nullopt;
    LateAck ack = std::move(waiting_.front());
    waiting_.pop_front();
    return ack;
}

// Whether the command was for that device.
Result<bool> LateAcks::lookUp(LateAck& ack) const {
    bool target = false;
    const auto read = history_.command(
        ack.id, ack.device,
        [&ack](const CommandRecord& record, const CommandProgress& progress) {
            ack.record = std::make_shared<const CommandRecord>(record);
            ack.progress = progress;
            return true;
        },
        [&target, &ack](const CommandTargetRow& row) {
            target = row.device == ack.device;
            return false;
        });
    if (!read) return read.error();
    return target;
}

}  // namespace hub::commands
