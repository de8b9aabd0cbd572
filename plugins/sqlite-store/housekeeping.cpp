#include "housekeeping.h"

#include "event_writer.h"

#include <utility>

namespace hub::sqlite_store {

Housekeeping::Housekeeping(DatabaseConnection& connection, EventWriter& writer,
                           RetentionLimits limits, const std::vector<ForgottenDevice>& forgotten)
    : writer_(writer),
      forgotten_(connection),
      retention_(connection, writer, limits),
      free_space_(connection) {
    forgotten_.add(forgotten);
}

bool Housekeeping::step(Timestamp now) {
    forgotten_.add(writer_.takeForgotten());
    const bool more = std::exchange(retention_first_, !retention_first_)
                          ? retention_.step(now) || forgotten_.step()
                          : forgotten_.step() || retention_.step(now);
    return more || free_space_.step();
}

}  // namespace hub::sqlite_store
