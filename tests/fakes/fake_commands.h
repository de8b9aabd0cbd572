#pragma once

#include "fakes/manual_clock.h"
#include "hub/commands.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::fakes {

// The command ledger as whoever gives commands meets it: keeps what was asked for, and answers as a
// test says; without its word, that every device named was sent the command. A repeated key gets
// its first answer. Asks no guards by itself. Any thread.
class FakeCommands final : public Commands {
public:
    // From now on requests are answered with this error; with nothing, as before.
    void refuse(std::optional<Error> error) {
        const std::lock_guard lock(mutex_);
        refusal_ = std::move(error);
    }
    // From now on commands stand so, with these devices.
    void answer(CommandStatus status, std::vector<TargetOutcome> targets) {
        const std::lock_guard lock(mutex_);
        outcome_ = Outcome{status, std::move(targets)};
    }
    // The command `id` is open with so many devices: it can be cancelled once.
    void open(const std::string& id, std::size_t devices) {
        const std::lock_guard lock(mutex_);
        open_[id] = devices;
    }

    // What was asked for so far, refused requests included.
    [[nodiscard]] std::vector<CommandRequest> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    // Waits until so many requests came; false after ten seconds.
    [[nodiscard]] bool awaitRequests(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10),
                                 [&] { return requests_.size() >= count; });
    }

    // What the guards say, asked in order as the hub asks them: the first objection.
    [[nodiscard]] std::optional<std::string> objection(const Command& command,
                                                       const Device& target) const {
        for (CommandGuard* guard : guards()) {
            if (auto reason = guard->refuse(command, target)) return reason;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::vector<CommandGuard*> guards() const {
        const std::lock_guard lock(mutex_);
        return guards_;
    }

    [[nodiscard]] Result<CommandReceipt> submit(const CommandRequest& request) override {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        changed_.notify_all();
        if (const auto first = by_key_.find(request.idempotency_key); first != by_key_.end()) {
            CommandReceipt repeated = first->second;
            repeated.repeated = true;
            return repeated;
        }
        if (refusal_) return *refusal_;
        CommandReceipt receipt = receiptFor(request);
        if (!request.idempotency_key.empty()) by_key_.emplace(request.idempotency_key, receipt);
        return receipt;
    }

    [[nodiscard]] Result<std::size_t> cancel(std::string_view id) override {
        const std::lock_guard lock(mutex_);
        if (refusal_) return *refusal_;
        const auto found = open_.find(id);
        if (found == open_.end()) {
            return Error{Error::Kind::NotFound, "no command \"" + std::string(id) + '"'};
        }
        return std::exchange(found->second, 0);
    }

    [[nodiscard]] Registration attach(CommandGuard& guard) override {
        const std::lock_guard lock(mutex_);
        guards_.push_back(&guard);
        return Registration([this, &guard] {
            const std::lock_guard detaching(mutex_);
            std::erase(guards_, &guard);
        });
    }

private:
    struct Outcome {
        CommandStatus status = CommandStatus::Sent;
        std::vector<TargetOutcome> targets;
    };

    // Under the lock.
    CommandReceipt receiptFor(const CommandRequest& request) {
        CommandReceipt receipt;
        receipt.record.number = static_cast<CommandNumber>(++last_number_);
        receipt.record.command = {idOf(last_number_), request.name, request.payload};
        if (request.targets.by == CommandTargets::By::Type) {
            receipt.record.device_type = request.targets.word;
        }
        receipt.record.created = ManualClock::kStart;
        receipt.record.ack_timeout = request.ack_timeout;
        receipt.record.ttl = request.ttl;
        receipt.record.idempotency_key = request.idempotency_key;
        receipt.status = outcome_ ? outcome_->status : CommandStatus::Sent;
        if (outcome_) {
            receipt.targets = outcome_->targets;
        } else {
            for (const std::string& id : request.targets.ids) {
                receipt.targets.push_back({id, TargetStatus::Sent, ""});
            }
        }
        return receipt;
    }

    // `00000000-0000-7000-8000-000000000001` and on.
    static std::string idOf(std::uint64_t number) {
        const std::string digits = std::to_string(number);
        std::string id = "00000000-0000-7000-8000-000000000000";
        return id.replace(id.size() - digits.size(), digits.size(), digits);
    }

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Error> refusal_;
    std::optional<Outcome> outcome_;
    std::vector<CommandRequest> requests_;
    std::map<std::string, CommandReceipt> by_key_;
    std::map<std::string, std::size_t, std::less<>> open_;  // devices that are open, by command id
    std::vector<CommandGuard*> guards_;
    std::uint64_t last_number_ = 0;
};

}  // namespace hub::fakes
