#pragma once

#include "hub/devices.h"
#include "hub/event_feed.h"
#include "hub/history.h"
#include "hub/registration.h"
#include "hub/result.h"
#include "interlock.h"
#include "servos.h"

#include <span>
#include <string_view>

namespace hub::robot_interlock {

// Hears how commands stand, and tells the interlock and the table of servos what concerns them.
class CommandListener final : public EventListener {
public:
    // All that is given must outlive it; `history` is null when there is none.
    CommandListener(EventFeed& feed, const Devices& devices, const History* history,
                    Interlock& interlock, Servos& servos)
        : feed_(feed),
          devices_(devices),
          history_(history),
          interlock_(interlock),
          servos_(servos) {}

    // Reads in the history how things stand, and hears from then on: for the first time, and anew
    // after the interlock was told that this is lost. One thread at a time. Error Unavailable: the
    // history cannot be read, or the hub not be listened to.
    [[nodiscard]] Result<void> listen();

    void onEvents(std::span<const Event> events) noexcept override;
    void onLag(Sequence position) noexcept override;

private:
    void hear(const TargetChange& change);
    [[nodiscard]] bool hasServos(std::string_view device_id) const;

    EventFeed& feed_;
    const Devices& devices_;
    const History* const history_;
    Interlock& interlock_;
    Servos& servos_;
    Registration listening_;
};

}  // namespace hub::robot_interlock
