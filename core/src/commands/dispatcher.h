#pragma once

#include "commands/command_metrics.h"
#include "commands/device_directory.h"
#include "commands/first_answers.h"
#include "commands/guards.h"
#include "commands/inbox.h"
#include "commands/ledger_thread.h"
#include "hub/commands.h"
#include "hub/device_message.h"
#include "hub/history.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/store.h"
#include "router/event_log.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace hub::commands {

// What the dispatcher works with. Outlives it.
struct DispatcherSurroundings {
    router::EventLog& log;
    DeviceDirectory& devices;
    const History& history;
    const Clock& clock;
    Logger& logger;
    Metrics& metrics;
    // How long a submission may take, most of it for the store: long for a disk, and shorter than
    // what a plugin has for its stop while its handlers wait here.
    std::chrono::milliseconds patience{1'500};
};

// The commands of the hub: checks a request, finds its devices, asks the guards, and has the ledger
// thread do the rest. Any thread; `start`, `finish` and `stop` one after the other.
class Dispatcher final : public Commands {
public:
    explicit Dispatcher(const DispatcherSurroundings& surroundings);
    ~Dispatcher() override;
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // Commands are taken from now on, as long as the store from which `recovery` comes is attached.
    void start(const Recovery& recovery);
    // No more are taken, and none that is not committed goes out. What devices acknowledged before
    // is in the log when this returns; false when that takes until `deadline`.
    [[nodiscard]] bool finish(SteadyTime deadline);
    // The same without a deadline, and the ledger thread ends; what is open stays so. Does nothing
    // when it is not running.
    void stop();

    // A device has come online. Costs next to nothing, and a short lock when it is waited for.
    void cameOnline(DeviceIndex device) { inbox_.cameOnline(device); }
    // A device has acknowledged a command. Costs one short lock.
    void acknowledged(DeviceIndex device, const DeviceMessage& message);
    // A device is not known any more, and its last event is still to come. Its commands' ends are
    // in the log when this returns, unless the ledger thread is held up for long: what it has not
    // told by that last event it never tells.
    void forgetting(DeviceIndex device);

    [[nodiscard]] Result<CommandReceipt> submit(const CommandRequest& request) override;
    [[nodiscard]] Result<std::size_t> cancel(std::string_view id) override;
    [[nodiscard]] Registration attach(CommandGuard& guard) override;

private:
    [[nodiscard]] Answer execute(const CommandRequest& request, std::uint64_t digest);
    [[nodiscard]] Result<std::shared_ptr<Submission>> prepare(const CommandRequest& request,
                                                              std::uint64_t digest);
    void askGuards(Submission& submission) const;
    [[nodiscard]] Result<std::size_t> countOf(std::string_view unknown) const;

    // Constant after construction.
    const DispatcherSurroundings surroundings_;

    Guards guards_;
    CommandMetrics metrics_;
    Inbox inbox_;
    FirstAnswers first_answers_;

    // The watermark when a submission waited for the store in vain, until it moves again.
    std::atomic<Sequence> stuck_at_ = Inbox::Interest::kNone;

    // Of those who start, finish and stop.
    std::unique_ptr<LedgerThread> thread_;
};

}  // namespace hub::commands
