#pragma once

#include "hub/devices.h"
#include "hub/history.h"
#include "hub/result.h"
#include "target_change.h"

#include <string_view>
#include <vector>

namespace hub::robot_interlock {

// What the idempotency keys of this plugin's own commands begin with: so it knows them again.
inline constexpr std::string_view kOwnKey = "robot-interlock/";

// How things stand as far as the history tells: what an earlier run of the hub has left behind, or
// what was not heard for a while.
struct EarlierRun {
    bool locked = false;           // robots were locked, and not unlocked; or that is in doubt
    std::vector<TargetKey> poses;  // sent, and without an outcome
};

// Looks at every open command, and of those for robots at the newest kMaxLooks: robots count as
// locked when none of these is this plugin's and there are more.
// Error Unavailable when the history cannot be read.
inline constexpr std::size_t kMaxLooks = 50'000;
[[nodiscard]] Result<EarlierRun> readEarlierRun(const History& history, const Devices& devices);

}  // namespace hub::robot_interlock
