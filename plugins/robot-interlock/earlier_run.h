#pragma once

#include "hub/commands.h"
#include "hub/devices.h"
#include "hub/history.h"
#include "hub/result.h"
#include "target_change.h"

#include <string>
#include <string_view>
#include <vector>

namespace hub::robot_interlock {

// What the idempotency keys of this plugin's own commands begin with: so it knows them again.
inline constexpr std::string_view kOwnKey = "robot-interlock/";

// What the run of the hub before this one has left behind.
struct EarlierRun {
    bool locked = false;           // robots were locked, and not unlocked
    std::string unlock;            // id of the newest unlock if it may still be open; "" otherwise
    std::vector<TargetKey> poses;  // sent, and without an outcome
};

// Looks at the newest commands, HistoryQuery::kMaxLimit of each kind. Error Unavailable when the
// history cannot be read.
[[nodiscard]] Result<EarlierRun> readEarlierRun(const History& history, const Devices& devices);

}  // namespace hub::robot_interlock
