#include "commands/first_answers.h"

#include "commands/change_events.h"
#include "commands/ledger_thread.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hub::commands {

namespace {

Error misused() {
    return {Error::Kind::Invalid,
            "this idempotency key was used for another request: take a new one"};
}

// The first word on each device that tells how it was tried. One that has only ever been pending
// may have been sent.
std::vector<TargetOutcome> firstOutcomes(const std::vector<TargetOutcome>& changes) {
    std::vector<TargetOutcome> outcomes;
    std::unordered_map<std::string, std::size_t> places;
    for (const TargetOutcome& change : changes) {
        const auto [place, added] = places.try_emplace(change.device_id, outcomes.size());
        if (added) {
            outcomes.push_back(change);
        } else if (outcomes[place->second].status == TargetStatus::Pending) {
            outcomes[place->second] = change;
        }
    }
    for (TargetOutcome& outcome : outcomes) {
        if (outcome.status == TargetStatus::Pending) outcome.status = TargetStatus::Sent;
    }
    return outcomes;
}

// It was taken back before anybody was told of it.
bool wasWithdrawn(const std::vector<TargetOutcome>& outcomes) {
    return std::ranges::any_of(outcomes, [](const TargetOutcome& outcome) {
        return outcome.status == TargetStatus::Cancelled &&
               outcome.reason == LedgerThread::kWithdrawn;
    });
}

}  // namespace

Result<CommandReceipt> FirstAnswers::answer(const CommandRequest& request, std::uint64_t digest,
                                            const std::function<Answer()>& execute) {
    const std::string& key = request.idempotency_key;
    std::shared_ptr<Attempt> attempt;
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        dropSettled();
        std::shared_ptr<Attempt>& present = attempts_[key];
        first = present == nullptr;
        if (first) present = std::make_shared<Attempt>(digest);
        attempt = present;
    }
    if (!first) return repeated(*attempt, digest);
    try {
        Answer answer = firstOf(request, digest, execute);
        attempt->promise.set_value(answer.receipt);
        finish(key, answer.receipt.ok() ? std::optional(answer.settled) : std::nullopt);
        return std::move(answer.receipt);
    } catch (...) {
        attempt->promise.set_exception(std::current_exception());
        finish(key, std::nullopt);
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
    auto read =
        history_.commands(query, [&receipt](const CommandRecord& record, const CommandProgress&) {
            receipt.emplace().record = record;
            return false;
        });
    if (!read) return std::move(read).error();
    if (!receipt) return receipt;
    std::vector<TargetOutcome> changes;
    read = history_.commandTargets(receipt->record.number, [&changes](const CommandTargetRow& row) {
        if (!row.late) {
            changes.push_back({std::string(row.device_id), row.status, reasonIn(row.payload)});
        }
        return true;
    });
    if (!read) return std::move(read).error();
    receipt->targets = firstOutcomes(changes);
    if (wasWithdrawn(receipt->targets)) return std::optional<CommandReceipt>();
    if (receipt->record.request_digest != digest) return misused();
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

void FirstAnswers::finish(const std::string& key, std::optional<Sequence> settled) {
    const std::lock_guard lock(mutex_);
    if (!settled || *settled <= log_.durable()) {
        attempts_.erase(key);
    } else {
        attempts_.at(key)->settled = settled;
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
