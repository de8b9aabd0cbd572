#pragma once

#include "hub/history.h"

namespace hub::fakes {

// Whether a query asks for a row, its limit aside.
inline bool asksFor(const HistoryQuery& query, DeviceIndex device, Sequence sequence,
                    Timestamp time) {
    return device == query.device && (query.before == 0 || sequence < query.before) &&
           (!query.since || time >= *query.since) && (!query.until || time <= *query.until);
}

}  // namespace hub::fakes
