#pragma once

#include "commands/device_directory.h"
#include "hub/command.h"
#include "hub/commands.h"
#include "hub/event.h"
#include "hub/result.h"
#include "hub/time.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace hub::commands {

// How a command stands as a whole, by what its first answer tells of each device.
[[nodiscard]] CommandStatus statusOf(const std::vector<TargetOutcome>& outcomes) noexcept;

// Nothing was sent, and nothing will be.
[[nodiscard]] Error notStored();

// The first answer to a request.
struct Answer {
    Result<CommandReceipt> receipt;
    Sequence settled = 0;    // what the receipt tells is on disk once the watermark is here
    bool withdrawn = false;  // it may be recorded, and then is taken back
};

// A request on its way through the ledger thread. Shared by that and by the thread that waits for
// the answer.
class Submission {
public:
    // What it has come to until now.
    [[nodiscard]] CommandReceipt receipt() const;

    // Either side may end it, but only one does: it is sent, or it never is.
    [[nodiscard]] bool claimSending() noexcept { return claim(Stage::Sending); }
    [[nodiscard]] bool withdraw() noexcept { return claim(Stage::Withdrawn); }
    [[nodiscard]] bool withdrawn() const noexcept { return stage_ == Stage::Withdrawn; }

    // Constant once it is in the inbox, then the ledger thread only.
    CommandRecord record;  // its number and time are the ledger thread's to give
    bool exact = false;    // it is for exactly these devices
    SteadyTime submitted{};
    std::vector<Recipient> recipients;

    std::promise<Answer> answer;  // fulfilled unless it was withdrawn by the one who waits

private:
    enum class Stage : std::uint8_t { Waiting, Sending, Withdrawn };

    [[nodiscard]] bool claim(Stage stage) noexcept {
        Stage waiting = Stage::Waiting;
        return stage_.compare_exchange_strong(waiting, stage);
    }

    std::atomic<Stage> stage_ = Stage::Waiting;
};

// A wish to take a command back.
struct Cancellation {
    struct Done {
        bool known = false;     // it is open, or was not long ago
        std::size_t count = 0;  // how many devices' outcome it was
        Sequence settled = 0;   // that, and what ended the others, is on disk once the watermark
                                // is here
    };
    std::string id;
    std::promise<Done> done;
};

// A device that is not known any more, and whose last event is still to come.
struct Farewell {
    DeviceIndex device{};
    std::promise<void> done;
};

}  // namespace hub::commands
