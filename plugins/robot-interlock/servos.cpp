#include "servos.h"

#include <cstddef>

namespace hub::robot_interlock {

void Servos::heard(const TargetChange& change) {
    const std::lock_guard lock(mutex_);
    if (change.move && isOpen(change.status)) open_.insert_or_assign(change.target, *change.move);
    const auto move = open_.find(change.target);
    if (move == open_.end()) return;
    Channel& channel = channels_[move->second.channel];
    if (change.status == TargetStatus::Sent) {
        channel.target_angle = move->second.angle;
        channel.mover = change.target;
    }
    if (isOpen(change.status)) return;
    if (change.status == TargetStatus::AckSuccess) channel.current_angle = move->second.angle;
    if (channel.mover == change.target) channel.mover.reset();
    open_.erase(move);
}

void Servos::forgetMoves() {
    const std::lock_guard lock(mutex_);
    open_.clear();
    for (Channel& channel : channels_) channel.mover.reset();
}

Servos::All Servos::all() const {
    All all;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Channel& channel = channels_[i];
        all[i] = {channel.current_angle, channel.target_angle, channel.mover.has_value()};
    }
    return all;
}

}  // namespace hub::robot_interlock
