#include "pose_runs.h"

#include <algorithm>

namespace hub::robot_interlock {

void PoseRuns::asked(const TargetKey& pose, SteadyTime now) {
    forgetUnheard(now);
    const auto [run, added] = runs_.try_emplace(pose);
    if (added || run->second.until) expectNews(pose, run->second, now);
}

void PoseRuns::heard(const TargetKey& pose, TargetStatus status, SteadyTime now) {
    switch (status) {
        case TargetStatus::Pending:
            runs_[pose].until.reset();
            return;
        case TargetStatus::Sent: {
            Run& run = runs_[pose];
            run.until.reset();
            if (!run.sent) ++sent_;
            run.sent = true;
            return;
        }
        case TargetStatus::Queued: {
            // Perhaps it was asked about again meanwhile: then it is about to be sent.
            const auto run = runs_.find(pose);
            if (run != runs_.end() && !run->second.until) expectNews(pose, run->second, now);
            return;
        }
        case TargetStatus::AckSuccess:
        case TargetStatus::AckError:
        case TargetStatus::Timeout:
        case TargetStatus::Expired:
        case TargetStatus::Unreachable:
        case TargetStatus::Cancelled:
        case TargetStatus::Rejected:
            end(pose, now);
            return;
    }
}

void PoseRuns::restart(std::span<const TargetKey> sent, SteadyTime now) {
    std::erase_if(runs_, [](const auto& entry) { return !entry.second.until; });
    sent_ = 0;
    for (const TargetKey& pose : sent) heard(pose, TargetStatus::Sent, now);
}

void PoseRuns::settle(SteadyTime now) { settled_at_ = now + kSettling; }

bool PoseRuns::engaged(SteadyTime now) {
    forgetUnheard(now);
    return holds_ > 0 || !runs_.empty() || now < settled_at_;
}

std::optional<SteadyTime> PoseRuns::nextChange(SteadyTime now) {
    forgetUnheard(now);
    std::optional<SteadyTime> next;
    if (now < settled_at_) next = settled_at_;
    if (!questions_.empty()) {
        next = std::min(next.value_or(SteadyTime::max()), questions_.front().until);
    }
    return next;
}

void PoseRuns::expectNews(const TargetKey& pose, Run& run, SteadyTime now) {
    run.until = now + kUnheard;
    questions_.push_back({now + kUnheard, pose});
}

// One that was never sent has moved nothing.
void PoseRuns::end(const TargetKey& pose, SteadyTime now) {
    const auto run = runs_.find(pose);
    if (run == runs_.end()) return;
    if (run->second.sent) {
        --sent_;
        settle(now);
    }
    runs_.erase(run);
}

// Also the questions whose poses were heard of since.
void PoseRuns::forgetUnheard(SteadyTime now) {
    while (!questions_.empty()) {
        const Question& oldest = questions_.front();
        const auto run = runs_.find(oldest.pose);
        const bool unheard = run != runs_.end() && run->second.until == oldest.until;
        if (unheard && now < oldest.until) return;
        if (unheard) runs_.erase(run);
        questions_.pop_front();
    }
}

}  // namespace hub::robot_interlock
