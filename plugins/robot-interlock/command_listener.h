#pragma once

#include "hub/devices.h"
#include "hub/event_feed.h"
#include "hub/registration.h"
#include "interlock.h"
#include "servos.h"

#include <span>
#include <string_view>

namespace hub::robot_interlock {

// Hears how commands stand, and tells the interlock and the table of servos what concerns them.
class CommandListener final : public EventListener {
public:
    // All that is given must outlive it.
    CommandListener(EventFeed& feed, const Devices& devices, Interlock& interlock, Servos& servos)
        : feed_(feed), devices_(devices), interlock_(interlock), servos_(servos) {}

    // Hears what is behind `after` from now on. On the interlock's thread, or before that has
    // anything of this to do.
    void listen(Sequence after);

    void onEvents(std::span<const Event> events) override;
    void onLag(Sequence position) noexcept override;

private:
    void hear(const TargetChange& change);
    [[nodiscard]] bool hasServos(std::string_view device_id) const;

    EventFeed& feed_;
    const Devices& devices_;
    Interlock& interlock_;
    Servos& servos_;
    Registration listening_;
};

}  // namespace hub::robot_interlock
