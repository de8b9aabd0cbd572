#include "open_commands.h"

#include "command_row.h"
#include "query.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace hub::sqlite_store {

namespace {

using Devices = std::unordered_set<DeviceIndex>;

struct Target {
    OpenCommand::Target stands;
    bool sent = false;  // at any time
};

// How the command stands with its devices, in the order of their numbers. Those that were forgotten
// have no part in it.
std::vector<Target> readTargets(Query& rows, CommandNumber command, const Devices& known) {
    std::vector<Target> targets;
    rows.bind(1, static_cast<std::int64_t>(command));
    while (rows.next()) {
        const auto device = static_cast<DeviceIndex>(rows.integer(0));
        const auto status = targetStatusFrom(rows.text(2));
        if (!known.contains(device) || !status) continue;
        if (targets.empty() || targets.back().stands.device != device) targets.emplace_back();
        Target& target = targets.back();
        target.stands = {device, *status, rows.time(1)};
        target.sent = target.sent || *status == TargetStatus::Sent;
    }
    rows.reset();
    return targets;
}

// What the devices that were forgotten since add to the counts: as many successes as the command
// has more than the others, and a cancelled one for each of the rest.
void countForgotten(const CommandProgress& progress, TargetCounts& counts) {
    auto& succeeded = counts.by_status[static_cast<std::size_t>(TargetStatus::AckSuccess)];
    succeeded = std::max(succeeded, progress.success_count);
    const std::uint32_t known = std::min(counts.total(), progress.target_count);
    counts.by_status[static_cast<std::size_t>(TargetStatus::Cancelled)] +=
        progress.target_count - known;
    if (progress.executed) counts.ever_sent = std::max(counts.ever_sent, 1U);
}

void count(const std::vector<Target>& targets, OpenCommand& command) {
    for (const Target& target : targets) {
        ++command.counts.by_status[static_cast<std::size_t>(target.stands.status)];
        if (target.sent) ++command.counts.ever_sent;
        if (isOpen(target.stands.status)) command.targets.push_back(target.stands);
    }
    countForgotten(command.progress, command.counts);
}

void readNewest(DatabaseConnection& connection, Recovery& recovery) {
    Query newest(connection, "SELECT number, seq, time FROM command ORDER BY number DESC LIMIT 1");
    if (!newest.next()) return;
    recovery.last_command =
        std::max(recovery.last_command, static_cast<CommandNumber>(newest.integer(0)));
    recovery.last_sequence =
        std::max(recovery.last_sequence, static_cast<Sequence>(newest.integer(1)));
    recovery.last_time = std::max(recovery.last_time, newest.time(2));
}

}  // namespace

void readCommands(DatabaseConnection& connection, Recovery& recovery) {
    readNewest(connection, recovery);
    Devices known;
    for (const Device& device : recovery.devices) known.insert(device.index);
    Query open(connection, "SELECT " + std::string(kCommandColumns) +
                               " FROM command INDEXED BY command_open WHERE " +
                               std::string(kIsOpen) + " ORDER BY number");
    Query changes(connection,
                  "SELECT device, time, status FROM command_target"
                  " WHERE command=? AND late=0 ORDER BY device, seq");
    while (open.next()) {
        OpenCommand command{readCommandRecord(open), readCommandProgress(open), {}, {}};
        count(readTargets(changes, command.record.number, known), command);
        if (!command.targets.empty()) recovery.commands.push_back(std::move(command));
    }
}

}  // namespace hub::sqlite_store
