#pragma once

#include "commands/change.h"
#include "commands/command_metrics.h"
#include "commands/device_directory.h"
#include "commands/guards.h"
#include "commands/inbox.h"
#include "commands/ledger.h"
#include "commands/submission.h"
#include "hub/history.h"
#include "hub/logger.h"
#include "hub/store.h"
#include "router/event_log.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
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
// watermark has passed a command it is given to the links of its devices. It waits for nothing but
// its inbox: acknowledgements, deadlines, devices that come online and the watermark all wake it,
// and one turn deals with all that has come.
//
// Deadlines stand still while the log is full: devices are not read from then.
class LedgerThread {
public:
    // A device is forgotten, and the reason why its commands end.
    static constexpr std::string_view kForgotten = "the device was forgotten";
    static constexpr std::string_view kCancelled = "an operator has cancelled it";
    // Why a command ends that nobody was told of: its submitter heard that it is not sent.
    static constexpr std::string_view kWithdrawn = "it could not be stored in time";

    // So many acknowledgements of commands that only the history knows may wait to be looked up.
    static constexpr std::size_t kMaxOldAcks = 256;
    // How many deadlines are dealt with in one turn.
    static constexpr std::size_t kMaxExpired = 4096;

    // Takes over what an earlier run has left open, and begins. `inbox` must be open, and outlive
    // it.
    LedgerThread(Inbox& inbox, const LedgerSurroundings& surroundings, const Recovery& recovery);

    // Closes the inbox. Who still waits for an answer gets one; what is open stays so.
    ~LedgerThread();
    LedgerThread(const LedgerThread&) = delete;
    LedgerThread& operator=(const LedgerThread&) = delete;

private:
    struct Awaiting {
        Sequence sequence = 0;
        std::shared_ptr<Submission> submission;
    };
    struct OldAck {
        DeviceIndex device{};
        bool succeeded = true;
        std::string id;
        std::string response;
    };
    struct Cancelled {
        std::shared_ptr<Cancellation> cancellation;
        Cancellation::Done done;
    };

    void run();
    void turn();
    [[nodiscard]] Inbox::Interest interest();
    [[nodiscard]] Moment moment() const;

    void sendCommitted();
    void send(Submission& submission);
    Delivery sendWaiting(DeviceIndex device);
    [[nodiscard]] Delivery deliver(DeviceIndex device, const Command& command);
    [[nodiscard]] std::optional<std::string> refusal(DeviceIndex device,
                                                     const Command& command) const;
    void withdrawThoseGivenUp();
    void withdraw(const std::shared_ptr<Submission>& submission);

    void takeAcknowledgements();
    void lookUpOldAck();
    void takeFarewells();
    void takeCancellations();
    void takeSubmissions();
    void record(const std::shared_ptr<Submission>& submission);
    [[nodiscard]] std::optional<Error> dropThoseForgotten(Submission& submission) const;
    void sendToThoseOnline();

    [[nodiscard]] Sequence tellLog();
    void answer(Sequence sequence);

    // Constant after construction.
    Inbox& inbox_;
    const LedgerSurroundings surroundings_;

    // The thread only.
    Ledger ledger_;
    CommandNumber last_number_{};
    News news_;
    Moment now_;
    bool ending_ = false;
    bool more_to_expire_ = false;
    std::deque<Awaiting> awaiting_;  // recorded and not committed yet, in the order of the log
    std::deque<OldAck> old_acks_;

    // Of the turn.
    Changes changes_;
    std::deque<std::string> reasons_;  // viewed by changes
    std::vector<std::shared_ptr<Submission>> recorded_;
    std::vector<std::shared_ptr<Submission>> sent_;
    std::vector<Cancelled> cancelled_;

    std::thread thread_;
};

}  // namespace hub::commands
