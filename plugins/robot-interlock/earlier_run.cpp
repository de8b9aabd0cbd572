#include "earlier_run.h"

#include "rule.h"

#include <map>
#include <utility>

namespace hub::robot_interlock {

namespace {

bool isOpen(CommandStatus status) {
    return status == CommandStatus::Pending || status == CommandStatus::Queued ||
           status == CommandStatus::Sent;
}

Result<void> readLock(const History& history, EarlierRun& run) {
    CommandQuery query;
    query.device_type = kWheelType;
    query.limit = HistoryQuery::kMaxLimit;
    return history.commands(query, [&](const CommandRecord& record, const CommandProgress& now) {
        if (!record.idempotency_key.starts_with(kOwnKey)) return true;
        run.locked = record.command.name == "lock";
        if (!run.locked && isOpen(now.status)) run.unlock = record.command.id;
        return false;
    });
}

// What was recorded and not sent may have gone out: the hub takes it for sent after a restart.
bool mayMove(TargetStatus status) {
    return status == TargetStatus::Pending || status == TargetStatus::Sent;
}

Result<void> readPose(const History& history, const Devices& devices, CommandNumber number,
                      const std::string& id, EarlierRun& run) {
    std::map<std::string, TargetStatus, std::less<>> newest;
    auto read = history.commandTargets(number, [&](const CommandTargetRow& row) {
        if (!row.late) newest.insert_or_assign(std::string(row.device_id), row.status);
        return true;
    });
    if (!read) return read;
    for (const auto& [device_id, status] : newest) {
        if (!mayMove(status)) continue;
        const auto device = devices.find(device_id);
        if (device && device->type == kServoType) run.poses.push_back({id, device_id});
    }
    return {};
}

Result<void> readPoses(const History& history, const Devices& devices, CommandStatus status,
                       EarlierRun& run) {
    CommandQuery query;
    query.status = status;
    query.limit = HistoryQuery::kMaxLimit;
    std::vector<std::pair<CommandNumber, std::string>> open;
    auto read =
        history.commands(query, [&open](const CommandRecord& record, const CommandProgress&) {
            if (isPose(record.command.name)) open.emplace_back(record.number, record.command.id);
            return true;
        });
    if (!read) return read;
    for (const auto& [number, id] : open) {
        if (auto targets = readPose(history, devices, number, id, run); !targets) return targets;
    }
    return {};
}

}  // namespace

Result<EarlierRun> readEarlierRun(const History& history, const Devices& devices) {
    EarlierRun run;
    if (auto read = readLock(history, run); !read) return std::move(read).error();
    for (const CommandStatus status : {CommandStatus::Pending, CommandStatus::Sent}) {
        if (auto read = readPoses(history, devices, status, run); !read) {
            return std::move(read).error();
        }
    }
    return run;
}

}  // namespace hub::robot_interlock
