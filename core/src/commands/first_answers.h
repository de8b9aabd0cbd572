#pragma once

#include "commands/submission.h"
#include "hub/commands.h"
#include "hub/event.h"
#include "hub/history.h"
#include "hub/result.h"
#include "router/event_log.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace hub::commands {

// Gives a repeated request the answer of the first with its idempotency key: from memory while that
// one is in progress or its outcome on the way to the store, else as the history tells it. Keys
// live as long as their commands are kept. Any thread.
class FirstAnswers {
public:
    // Both must outlive it. A repeat waits for the first as long as `patience`.
    FirstAnswers(const router::EventLog& log, const History& history,
                 std::chrono::milliseconds patience)
        : log_(log), history_(history), patience_(patience) {}

    // The answer to `request`, which has a key: of the first such request, or else what `execute`
    // returns. Error Invalid: the key stands for another request. Unavailable: what there was
    // cannot be told just now.
    [[nodiscard]] Result<CommandReceipt> answer(const CommandRequest& request, std::uint64_t digest,
                                                const std::function<Answer()>& execute);

private:
    // So many are withdrawn while commits take too long, and none of them is repeated.
    static constexpr std::size_t kMaxWithdrawn = 1024;

    // Shared by the thread of the first request and those that repeat it.
    struct Attempt {
        explicit Attempt(std::uint64_t of) : digest(of) {}

        // Constant after construction.
        const std::uint64_t digest;
        std::promise<Result<CommandReceipt>> promise;
        const std::shared_future<Result<CommandReceipt>> receipt = promise.get_future().share();

        // Guarded by mutex_: once the watermark is here the history tells the same.
        std::optional<Sequence> settled;
    };

    [[nodiscard]] Answer firstOf(const CommandRequest& request, std::uint64_t digest,
                                 const std::function<Answer()>& execute) const;
    [[nodiscard]] Result<std::optional<CommandReceipt>> stored(const std::string& key,
                                                               std::uint64_t digest) const;
    [[nodiscard]] Result<CommandReceipt> repeated(const Attempt& attempt,
                                                  std::uint64_t digest) const;
    void finish(const std::string& key, const Answer& answer);
    void dropSettled();

    // Constant after construction.
    const router::EventLog& log_;
    const History& history_;
    const std::chrono::milliseconds patience_;

    // Guarded by mutex_. Few: what is in progress, and what one commit will settle.
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Attempt>> attempts_;  // by key
    // Keys whose command was taken back, the newest last. The history may tell of the command
    // before it tells that; what it tells of these keys is not asked for.
    std::deque<std::string> withdrawn_;
};

}  // namespace hub::commands
