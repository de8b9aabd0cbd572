#pragma once

#include <span>
#include <vector>

#include "hub/api.h"
#include "hub/device.h"
#include "hub/event.h"
#include "hub/result.h"

namespace hub {

// What the hub needs to know at its start.
struct Recovery {
    Sequence last_sequence = 0;   // the highest number ever stored
    Timestamp last_time{};        // the latest time ever stored
    std::vector<Device> devices;  // in any order; `online` as it was stored last
};

// Keeps events. The hub calls a store from one thread only, so `append` needs no locks; what else
// the plugin offers (History) comes from other threads.
class HUB_API Store {
public:
    virtual ~Store();

    // Called once, before anything else. Throws std::exception with a sentence an operator can act
    // on.
    [[nodiscard]] virtual Recovery recover() = 0;

    // Makes the whole batch durable, so that it survives a power cut, or none of it. The views in
    // it are valid during the call. Sequence numbers increase within a batch and from batch to
    // batch.
    // On failure the hub keeps the batch and offers the same events again, with later ones perhaps
    // behind them: an event that is already stored is not an error.
    [[nodiscard]] virtual Result<void> append(std::span<const Event> batch) = 0;
};

}  // namespace hub
