#pragma once

#include "hub/device.h"
#include "hub/time.h"
#include "registry/device_table.h"
#include "registry/transport_names.h"
#include "router/event_log.h"

#include <span>
#include <vector>

namespace hub::registry {

// The devices that a store has kept, as entries for `table`. Those stored as online went down with
// the hub: they are offline as HubRestarted, since `now`.
[[nodiscard]] std::vector<DeviceTable::Entry> restored(std::span<const Device> devices,
                                                       Timestamp now, DeviceTable& table,
                                                       TransportNames& transports);

// Tells the log that these went down with the hub.
void tellRestart(std::span<const DeviceTable::Entry> left_online, router::EventLog& log);

}  // namespace hub::registry
