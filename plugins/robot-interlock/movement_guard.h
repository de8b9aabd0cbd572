#pragma once

#include "hub/commands.h"
#include "interlock.h"

#include <optional>
#include <string>

namespace hub::robot_interlock {

// Refuses what turns wheels while the interlock is engaged, and tells it of every pose before that
// is sent. Any thread.
class MovementGuard final : public CommandGuard {
public:
    explicit MovementGuard(Interlock& interlock) : interlock_(interlock) {}

    [[nodiscard]] std::optional<std::string> refuse(const Command& command,
                                                    const Device& target) override;

private:
    Interlock& interlock_;
};

}  // namespace hub::robot_interlock
