#pragma once

#include "hub/event.h"
#include "router/event_log.h"

#include <future>
#include <memory>

namespace hub::registry {

struct DeviceEntry;

// The last event of a device that is being forgotten. Waits at the device's entry while links still
// hold it, and is written by whoever lets go last.
class Forgetting {
public:
    // `log` must outlive it.
    explicit Forgetting(router::EventLog& log) : log_(&log) {}

    // The number of the event, once it is written. To be asked for once.
    [[nodiscard]] std::future<Sequence> written() { return written_.get_future(); }

    // Writes the event. No session of `entry` may publish any more; the entry is kept until all of
    // its events have left the log, since they view its id.
    void write(const std::shared_ptr<DeviceEntry>& entry);

private:
    router::EventLog* log_;
    std::promise<Sequence> written_;
};

}  // namespace hub::registry
