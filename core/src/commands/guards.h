#pragma once

#include "hub/commands.h"
#include "hub/device.h"
#include "hub/registration.h"
#include "sync/gate.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hub::commands {

// The guards that are attached, asked in their order. Any thread.
class Guards {
public:
    // A longer reason is cut.
    static constexpr std::size_t kMaxReasonBytes = 512;

    // `guard` is asked until the registration is destroyed, which waits for calls in progress.
    // These guards must outlive it.
    [[nodiscard]] Registration attach(CommandGuard& guard);

    // False: nobody would be asked.
    [[nodiscard]] bool any() const noexcept { return count_.load() > 0; }

    // The reason of the first guard that refuses. One that throws does.
    [[nodiscard]] std::optional<std::string> refusal(const Command& command,
                                                     const Device& target) const;

private:
    // Shared by the list and by those who are asking just now.
    struct Attached {
        explicit Attached(CommandGuard& of) : guard(of) {}

        CommandGuard& guard;
        sync::Gate calls;
    };

    std::atomic<std::size_t> count_ = 0;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Attached>> attached_;
};

}  // namespace hub::commands
