#pragma once

#include "hub/command.h"
#include "hub/time.h"
#include "target_change.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <span>

namespace hub::robot_interlock {

// The poses that are under way, and whether wheels have to stand still for them. A pose is one
// command with one device: it is under way from the moment a guard is asked about it, and when it
// was sent until its outcome and kSettling longer. One thread at a time.
class PoseRuns {
public:
    static constexpr std::chrono::seconds kSettling{5};
    // A pose that a guard was asked about and of which nothing was heard for so long was not
    // recorded, or is queued again. More than the hub takes to record one.
    static constexpr std::chrono::seconds kUnheard{10};

    // A guard was asked about it: it is about to be recorded or sent.
    void asked(const TargetKey& pose, SteadyTime now);
    // It stands so.
    void heard(const TargetKey& pose, TargetStatus status, SteadyTime now);

    // What is under way is told anew: these poses were sent and have no outcome. Questions stay.
    void restart(std::span<const TargetKey> sent, SteadyTime now);

    // Somebody is about to give a pose; and has done so, or not.
    void hold() noexcept { ++holds_; }
    void release() noexcept { --holds_; }

    // As after a pose that ended just now.
    void settle(SteadyTime now);

    // Wheels have to stand still.
    [[nodiscard]] bool engaged(SteadyTime now);
    // A pose was sent, and has no outcome yet.
    [[nodiscard]] bool posing() const noexcept { return sent_ > 0; }
    // When `engaged` may change by nothing but time; nothing when it cannot.
    [[nodiscard]] std::optional<SteadyTime> nextChange(SteadyTime now);

private:
    struct Run {
        bool sent = false;
        std::optional<SteadyTime> until;  // until then something has to be heard of it
    };

    struct Question {
        SteadyTime until;
        TargetKey pose;
    };

    void expectNews(const TargetKey& pose, Run& run, SteadyTime now);
    void end(const TargetKey& pose, SteadyTime now);
    void forgetUnheard(SteadyTime now);

    std::map<TargetKey, Run> runs_;   // no more than the hub has commands open
    std::deque<Question> questions_;  // those of the last kUnheard, the oldest first
    std::size_t sent_ = 0;            // of these
    std::size_t holds_ = 0;
    SteadyTime settled_at_{};
};

}  // namespace hub::robot_interlock
