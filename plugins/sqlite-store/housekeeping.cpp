#include "housekeeping.h"

#include "event_writer.h"

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
    if (now >= pause_since_ && now < pause_since_ + kPause) {
        return false;
    }
    if (forgotten_.step() || retention_.step(now) || free_space_.step()) {
        return true;
    }
    pause_since_ = now;
    return false;
}

}  // namespace hub::sqlite_store
