#pragma once

#include "target_change.h"

#include <array>
#include <map>
#include <mutex>
#include <optional>

namespace hub::robot_interlock {

// Where the servos are, as far as commands tell: a servo that has never been told an angle counts
// as centred. Any thread.
class Servos {
public:
    static constexpr double kCentre = 90;

    struct Servo {
        double current_angle = kCentre;  // that was acknowledged last
        double target_angle = kCentre;   // that was sent last
        bool is_moving = false;          // sent, and without an outcome yet
    };
    using All = std::array<Servo, ServoMove::kChannels>;

    // A command stands so with a device that has servos.
    void heard(const TargetChange& change);

    // What is under way is heard of no more: no servo counts as moving, and angles stay.
    void forgetMoves();

    [[nodiscard]] All all() const;

private:
    struct Channel {
        double current_angle = kCentre;
        double target_angle = kCentre;
        std::optional<TargetKey> mover;  // the command that it follows
    };

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::array<Channel, ServoMove::kChannels> channels_;
    std::map<TargetKey, ServoMove> open_;  // moves without an outcome, as many as the hub keeps
};

}  // namespace hub::robot_interlock
