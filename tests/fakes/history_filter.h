#pragma once

#include "hub/history.h"

namespace hub::fakes {

// Whether a query asks for a row, its limit aside.
inline bool asksFor(const HistoryQuery& query, DeviceIndex device, Sequence sequence,
                    Timestamp time) {
    return device == query.device && (query.before == 0 || sequence < query.before) &&
           (!query.since || time >= *query.since) && (!query.until || time <= *query.until);
}

// Likewise for a command, its devices aside too.
inline bool asksFor(const CommandQuery& query, const CommandRecord& record,
                    const CommandProgress& progress) {
    return (!query.status || progress.status == *query.status) &&
           (!query.device_type || record.device_type == *query.device_type) &&
           (!query.id || record.command.id == *query.id) &&
           (!query.idempotency_key || record.idempotency_key == *query.idempotency_key) &&
           (!query.since || record.created >= *query.since) &&
           (!query.until || record.created <= *query.until) &&
           (query.before == CommandNumber{} || record.number < query.before);
}

}  // namespace hub::fakes
