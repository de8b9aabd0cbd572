#pragma once

#include "commands/change.h"
#include "commands/command_metrics.h"
#include "commands/device_directory.h"
#include "commands/guards.h"
#include "commands/inbox.h"
#include "commands/late_acks.h"
#include "commands/ledger.h"
#include "commands/sender.h"
#include "commands/submission.h"
#include "hub/history.h"
#include "hub/logger.h"
#include "hub/store.h"
#include "router/event_log.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace hub::commands {

// What the ledger thread works with. Outlives it.
struct LedgerSurroundings {
    router::EventLog& log;
    DeviceDirectory& devices;
    const History& history;
    const Guards& guards;
    const Clock& clock;
    Logger& logger;
    CommandMetrics& metrics;
};

// The thread that keeps the ledger. What comes in is recorded as events of the log, and when the
// watermark has passed a command it is given to the links of its devices. Acknowledgements,
// deadlines, devices that come online and the watermark all wake it, and one turn deals with all
// that has come. In its turn it waits for nothing: it asks guards and calls transports, which must
// return at once, and what has to be read from the history others read.
//
// Deadlines stand still while the log is full: devices are not read from then, and nothing is
// recorded that can wait.
class LedgerThread {
public:
    // Why commands end whose device is forgotten, and those that are cancelled.
    static constexpr std::string_view kForgotten = "the device was forgotten";
    static constexpr std::string_view kCancelled = "an operator has cancelled it";

    // How far back acknowledgements are looked for that an earlier run has stored as events of
    // their devices, but not lived to take: more events than it could have in hand at a time.
    static constexpr Sequence kAcksLookedFor = 100'000;

    // How many deadlines are dealt with in one turn.
    static constexpr std::size_t kMaxExpired = 4096;

    // Takes over what an earlier run has left open, and begins. `inbox` must be open, and outlive
    // it.
    LedgerThread(Inbox& inbox, const LedgerSurroundings& surroundings, const Recovery& recovery);

    // Closes the inbox. Who still waits for an answer gets one; what is open stays so.
    ~LedgerThread();
    LedgerThread(const LedgerThread&) = delete;
    LedgerThread& operator=(const LedgerThread&) = delete;

    // Does the same, but for the end of the thread itself: everything that came before is in the
    // log. False when that is not so by `deadline`.
    [[nodiscard]] bool finish(SteadyTime deadline);

private:
    struct Awaiting {
        Sequence sequence = 0;
        std::shared_ptr<Submission> submission;
    };
    struct Cancelled {
        std::shared_ptr<Cancellation> cancellation;
        Cancellation::Done done;
    };

    void takeStoredAcks(const Recovery& recovery);
    void run();
    void turn();
    [[nodiscard]] Inbox::Interest interest();
    [[nodiscard]] Moment moment() const;
    void publish();

    void sendCommitted();
    void withdrawThoseGivenUp();
    void withdraw(const std::shared_ptr<Submission>& submission);
    void takeAcknowledgements();
    void takeLateAcks();
    void expire();
    void takeFarewells();
    void takeCancellations();
    void takeSubmissions();
    void record(const std::shared_ptr<Submission>& submission);
    [[nodiscard]] std::optional<Error> dropThoseForgotten(Submission& submission) const;
    void sendToThoseOnline();

    void tellLog();
    void answer();

    // Constant after construction.
    Inbox& inbox_;
    const LedgerSurroundings surroundings_;

    // The thread only, once it runs.
    Ledger ledger_;
    Sender sender_;
    LateAcks late_acks_;  // its functions are of any thread
    CommandNumber last_number_{};
    Sequence told_ = 0;  // of the last change in the log
    News news_;
    Moment now_;
    bool ending_ = false;
    bool more_to_expire_ = false;
    std::deque<Awaiting> awaiting_;  // recorded and not committed yet, in the order of the log

    // Of the turn.
    Changes changes_;
    std::vector<LateAck> found_acks_;  // viewed by changes
    std::vector<std::shared_ptr<Submission>> recorded_;
    std::vector<std::shared_ptr<Submission>> sent_;
    std::vector<Cancelled> cancelled_;

    std::promise<void> end_;
    const std::future<void> ended_ = end_.get_future();
    std::thread thread_;
};

}  // namespace hub::commands
