#include "earlier_run.h"

#include "hub/commands.h"
#include "rule.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace hub::robot_interlock {

namespace {

// Page by page, the newest first, until `visit` returns false.
Result<void> eachCommand(const History& history, CommandQuery query, const VisitCommand& visit) {
    query.limit = HistoryQuery::kMaxLimit;
    bool more = true;
    while (more) {
        std::size_t visited = 0;
        CommandNumber last{};
        auto read = history.commands(query, [&](const auto& record, const auto& progress) {
            last = record.number;
            ++visited;
            more = visit(record, progress);
            return more;
        });
        if (!read) return std::move(read).error();
        const std::optional<CommandNumber> cut_short = *read;
        more = more && (cut_short || visited == query.limit);
        query.before = cut_short.value_or(last);
    }
    return {};
}

// One that was recorded and taken back, or that a crash kept from being sent, has reached nobody.
bool wentOut(CommandStatus status) {
    return status != CommandStatus::Pending && status != CommandStatus::Cancelled &&
           status != CommandStatus::Rejected;
}

Result<bool> readLocked(const History& history) {
    CommandQuery query;
    query.device_type = kWheelType;
    std::size_t looks = 0;
    bool locked = false;
    auto read = eachCommand(
        history, query, [&](const CommandRecord& record, const CommandProgress& progress) {
            const bool own = record.idempotency_key.starts_with(kOwnKey);
            if (own) locked = record.command.name == "lock" || !wentOut(progress.status);
            const bool last = ++looks == kMaxLooks;
            if (!own && last) locked = true;
            return !own && !last;
        });
    if (!read) return std::move(read).error();
    return locked;
}

// What was recorded and not sent may have gone out: the hub takes it for sent after a restart.
bool mayMove(TargetStatus status) {
    return status == TargetStatus::Pending || status == TargetStatus::Sent;
}

Result<void> readPose(const History& history, const Devices& devices, const std::string& id,
                      EarlierRun& run) {
    std::map<std::string, TargetStatus, std::less<>> newest;
    auto read = history.command(
        id, DeviceIndex{}, [](const CommandRecord&, const CommandProgress&) { return true; },
        [&](const CommandTargetRow& row) {
            if (!row.late) newest.insert_or_assign(std::string(row.device_id), row.status);
            return true;
        });
    if (!read) return std::move(read).error();
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
    std::vector<std::string> open;
    auto read =
        eachCommand(history, query, [&open](const CommandRecord& record, const CommandProgress&) {
            if (isPose(record.command.name)) open.push_back(record.command.id);
            return true;
        });
    if (!read) return read;
    for (const std::string& id : open) {
        if (auto targets = readPose(history, devices, id, run); !targets) return targets;
    }
    return {};
}

}  // namespace

Result<EarlierRun> readEarlierRun(const History& history, const Devices& devices) {
    EarlierRun run;
    const auto locked = readLocked(history);
    if (!locked) return locked.error();
    run.locked = *locked;
    for (const CommandStatus status : {CommandStatus::Pending, CommandStatus::Sent}) {
        if (auto read = readPoses(history, devices, status, run); !read) {
            return std::move(read).error();
        }
    }
    return run;
}

}  // namespace hub::robot_interlock
