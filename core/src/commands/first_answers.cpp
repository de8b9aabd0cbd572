#include "commands/first_answers.h"

#include "commands/change_events.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace hub::commands {

namespace {

Error misused() {
    return {Error::Kind::Invalid,
            "this idempotency key was used for another request: take a new one"};
}

// The first word on each device that tells how it was tried, from a command's changes, device by
// device and the oldest first.
class FirstWords {
public:
    void add(const CommandTargetRow& change) {
        if (change.late) return;
        withdrawn_ = withdrawn_ ||
                     (change.status == TargetStatus::Cancelled && saysWithdrawn(change.payload));
        const bool is_new = words_.empty() || words_.back().device != change.device;
        if (is_new) words_.push_back({change.device, change.sequence, {}});
        TargetOutcome& outcome = words_.back().outcome;
        if (is_new || outcome.status == TargetStatus::Pending) {
            outcome = {std::string(change.device_id), change.status, reasonIn(change.payload)};
        }
    }

    // It was taken back before anybody was told of it.
    [[nodiscard]] bool withdrawn() const { return withdrawn_; }

    // In the order of recording.
    [[nodiscard]] std::vector<TargetOutcome> outcomes() && {
        std::ranges::sort(words_, {}, &Word::recorded);
        std::vector<TargetOutcome> outcomes;
        outcomes.reserve(words_.size());
        for (Word& word : words_) outcomes.push_back(std::move(word.outcome));
        return outcomes;
    }

private:
    struct Word {
        DeviceIndex device{};
        Sequence recorded = 0;
        TargetOutcome outcome;
    };
    std::vector<Word> words_;
    bool withdrawn_ = false;
};

}  // namespace

Result<CommandReceipt> FirstAnswers::answer(const CommandRequest& request, std::uint64_t digest,
                                            const std::function<Answer()>& execute) {
    const std::string& key = request.idempotency_key;
    std::shared_ptr<Attempt> attempt;
    bool first = false;
    bool withdrawn = false;
    {
        const std::lock_guard lock(mutex_);
        dropSettled();
        std::shared_ptr<Attempt>& present = attempts_[key];
        first = present == nullptr;
        if (first) present = std::make_shared<Attempt>(digest);
        attempt = present;
        withdrawn = std::ranges::find(withdrawn_, key) != withdrawn_.end();
    }
    if (!first) return repeated(*attempt, digest);
    try {
        Answer answer = withdrawn ? execute() : firstOf(request, digest, execute);
        attempt->promise.set_value(answer.receipt);
        finish(key, answer);
        return std::move(answer.receipt);
    } catch (...) {
        attempt->promise.set_exception(std::current_exception());
        finish(key, {Error{}});
        throw;
    }
}

Answer FirstAnswers::firstOf(const CommandRequest& request, std::uint64_t digest,
                             const std::function<Answer()>& execute) const {
    Result<std::optional<CommandReceipt>> before = stored(request.idempotency_key, digest);
    if (!before) return {std::move(before).error(), 0};
    if (*before) return {std::move(**before), 0};
    return execute();
}

Result<std::optional<CommandReceipt>> FirstAnswers::stored(const std::string& key,
                                                           std::uint64_t digest) const {
    CommandQuery query;
    query.idempotency_key = key;
    query.limit = 1;
    std::optional<CommandReceipt> receipt;
    auto found =
        history_.commands(query, [&receipt](const CommandRecord& record, const CommandProgress&) {
            receipt.emplace().record = record;
            return false;
        });
    if (!found) return std::move(found).error();
    if (!receipt) return receipt;
    FirstWords words;
    const auto read = history_.command(
        receipt->record.command.id, DeviceIndex{},
        [](const CommandRecord&, const CommandProgress&) { return true; },
        [&words](const CommandTargetRow& row) {
            words.add(row);
            return true;
        });
    if (!read) return read.error();
    if (words.withdrawn()) return std::optional<CommandReceipt>();
    if (receipt->record.request_digest != digest) return misused();
    receipt->targets = std::move(words).outcomes();
    receipt->status = statusOf(receipt->targets);
    receipt->repeated = true;
    return receipt;
}

Result<CommandReceipt> FirstAnswers::repeated(const Attempt& attempt, std::uint64_t digest) const {
    if (attempt.digest != digest) return misused();
    if (attempt.receipt.wait_for(patience_) != std::future_status::ready) {
        return Error{Error::Kind::Unavailable,
                     "the first request with this idempotency key is still in progress: try again"};
    }
    Result<CommandReceipt> receipt = attempt.receipt.get();
    if (receipt) receipt->repeated = true;
    return receipt;
}

void FirstAnswers::finish(const std::string& key, const Answer& answer) {
    const std::lock_guard lock(mutex_);
    if (answer.receipt.ok()) std::erase(withdrawn_, key);
    if (answer.withdrawn) {
        std::erase(withdrawn_, key);
        withdrawn_.push_back(key);
        if (withdrawn_.size() > kMaxWithdrawn) withdrawn_.pop_front();
    }
    if (!answer.receipt.ok() || answer.settled <= log_.durable()) {
        attempts_.erase(key);
    } else {
        attempts_.at(key)->settled = answer.settled;
    }
}

// Under the lock.
void FirstAnswers::dropSettled() {
    const Sequence durable = log_.durable();
    std::erase_if(attempts_, [durable](const auto& attempt) {
        return attempt.second->settled && *attempt.second->settled <= durable;
    });
}

}  // namespace hub::commands
