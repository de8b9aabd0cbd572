#pragma once

#include "hub/command.h"
#include "hub/device.h"
#include "hub/history.h"
#include "hub/metrics.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace hub::commands {

// An acknowledgement of a command that the ledger does not know (any more).
struct LateAck {
    DeviceIndex device{};
    bool succeeded = true;
    std::string id;  // of the command
    std::string reason;
    std::string response;
    // What the history tells of the command.
    std::shared_ptr<const CommandRecord> record = {};
    CommandProgress progress = {};
};

// Looks up in the history which of them are of a device that a command was for; of what else
// devices say nothing comes. On a thread of its own, since a read may have to wait; one that fails,
// and what finds no room, is counted as dropped.
class LateAcks {
public:
    // What may wait to be looked up, or found, to be taken.
    static constexpr std::size_t kMaxBytes = 1024 * 1024;

    // `found` is called from that thread when there is something to take; it must only notify. All
    // references must outlive it.
    LateAcks(const History& history, Counter& dropped, std::function<void()> found);
    // Waits for a read in progress; the rest is dropped.
    ~LateAcks();
    LateAcks(const LateAcks&) = delete;
    LateAcks& operator=(const LateAcks&) = delete;

    // Returns at once. Any thread.
    void add(LateAck ack);
    // What was found since the last time, in the order of adding. Any thread; next to nothing when
    // there is none.
    [[nodiscard]] std::vector<LateAck> takeFound();

private:
    void run();
    [[nodiscard]] std::optional<LateAck> next();
    [[nodiscard]] Result<bool> lookUp(LateAck& ack) const;

    // Constant after construction.
    const History& history_;
    Counter& dropped_;
    const std::function<void()> tell_found_;

    std::atomic<bool> any_found_ = false;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<LateAck> waiting_;
    std::vector<LateAck> found_;
    std::size_t bytes_ = 0;  // of both
    bool ending_ = false;

    std::thread thread_;
};

}  // namespace hub::commands
