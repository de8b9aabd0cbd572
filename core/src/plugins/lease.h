#pragma once

#include "hub/logger.h"
#include "hub/registration.h"
#include "hub/result.h"
#include "sync/gate.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hub::plugins {

// The time in which one plugin may call the hub: from its start until its stop has returned. What
// the plugin tries later is refused, and logged once; what it has it may give back at any time.
//
// Shared by the services of the plugin and by all that it was given through them. Any thread.
class Lease : public std::enable_shared_from_this<Lease> {
public:
    using Pass = sync::Gate::Pass;

    // What a plugin can hold of the hub. Routes and the like are attached and can be detached for
    // it; sinks and sessions belong to a thread of the plugin.
    enum class Holding : std::uint8_t {
        Route,
        Endpoint,
        Store,
        MetricsUpdate,
        Guard,
        Listener,
        Reader,
        Sink,
        Session,
    };

    // A sink or session that the plugin holds; counted as long as this lives.
    class Loan {
    public:
        Loan(std::shared_ptr<Lease> lease, Holding what);
        ~Loan();
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;

        [[nodiscard]] Lease& lease() const noexcept { return *lease_; }

    private:
        const std::shared_ptr<Lease> lease_;
        const Holding what_;
    };

    // A call of the plugin that comes too late is logged at `faults`.
    Lease(std::string plugin, std::shared_ptr<Logger> faults);

    [[nodiscard]] const std::string& plugin() const noexcept { return plugin_; }

    // The plugin calls `function` of the hub, or the hub calls back. Nothing once the lease is
    // over: for the former that is a fault. The end of the lease waits for passes.
    [[nodiscard]] std::optional<Pass> call(std::string_view function);
    [[nodiscard]] std::optional<Pass> callBack();

    // The same for what has no other way out: throws std::logic_error once the lease is over.
    [[nodiscard]] Pass callOrThrow(std::string_view function);

    // What a call that comes too late is answered where it can be.
    [[nodiscard]] Error refusal() const;

    // The same where every nanosecond counts: one relaxed load, and the end does not wait.
    [[nodiscard]] bool permits(std::string_view function) noexcept {
        if (!over_.load(std::memory_order_relaxed)) return true;
        noteFault(function);
        return false;
    }

    // The registration to give to the plugin instead of `attached`.
    [[nodiscard]] Registration lend(Holding what, Registration attached);

    // Ends the lease: refuses calls from now on, waits for those in progress and detaches all that
    // is still attached. Returns what the plugin still held, as `2 routes, 1 event sink`; "" when
    // that was nothing.
    std::string end();

    // Refuses calls from now on and waits for nothing: the plugin is given up.
    void revoke() noexcept { over_.store(true, std::memory_order_relaxed); }

    // True when the lease is over, but the plugin still holds a sink or session, which cannot be
    // taken from it, or has called since: a thread of it may still be running.
    [[nodiscard]] bool strays() const;

private:
    static constexpr std::size_t kHoldings = static_cast<std::size_t>(Holding::Session) + 1;

    void noteFault(std::string_view function) noexcept;
    void giveBack(std::uint64_t number);
    [[nodiscard]] std::string held() const;

    // Constant after construction.
    const std::string plugin_;
    const std::shared_ptr<Logger> faults_;

    sync::Gate gate_;
    std::atomic<bool> over_ = false;
    std::atomic<bool> faulty_ = false;

    struct Attachment {
        Holding what;
        Registration registration;
    };

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::array<std::size_t, kHoldings> loans_{};  // by Holding
    std::unordered_map<std::uint64_t, Attachment> attachments_;
    std::uint64_t last_number_ = 0;
};

}  // namespace hub::plugins
