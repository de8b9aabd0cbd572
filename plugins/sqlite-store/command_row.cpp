#include "command_row.h"

#include "query.h"

#include <chrono>
#include <cstdint>

namespace hub::sqlite_store {

CommandRecord readCommandRecord(const Query& row) {
    CommandRecord record;
    record.number = static_cast<CommandNumber>(row.integer(0));
    record.command.id = row.text(1);
    record.command.name = row.text(2);
    record.command.payload = row.text(3);
    record.device_type = row.text(4);
    record.created = row.time(5);
    record.ack_timeout = std::chrono::milliseconds(row.integer(6));
    record.ttl = std::chrono::milliseconds(row.integer(7));
    record.idempotency_key = row.text(8);
    record.request_digest = static_cast<std::uint64_t>(row.integer(9));
    return record;
}

CommandProgress readCommandProgress(const Query& row) {
    CommandProgress progress;
    progress.status = commandStatusFrom(row.text(10)).value_or(CommandStatus::NoDevices);
    progress.executed = row.optionalTime(11);
    progress.completed = row.optionalTime(12);
    progress.target_count = static_cast<std::uint32_t>(row.integer(13));
    progress.success_count = static_cast<std::uint32_t>(row.integer(14));
    return progress;
}

}  // namespace hub::sqlite_store
