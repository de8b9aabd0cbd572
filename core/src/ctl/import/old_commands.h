#pragma once

#include "ctl/import/event_batch.h"
#include "ctl/import/findings.h"
#include "ctl/import/json_repair.h"
#include "ctl/import/old_database.h"
#include "ctl/import/old_devices.h"
#include "hub/command.h"
#include "hub/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace hub::ctl::importer {

// What the earlier system was asked to do, and how that ended. A row tells both; the end becomes an
// event of its own, when its time has come. One thread.
class OldCommands {
public:
    // The columns of a row, behind the two that every row of history has.
    static constexpr const char* kColumns =
        "device_type, command_name, payload, status, executed_at, completed_at, response_data, "
        "target_device_count, success_count, rowid";
    // So many ends are kept until their time has come. Beyond that the earliest goes at once, at
    // the time of the row that is read.
    static constexpr std::size_t kMaxOutcomes = 16 * 1024;

    // What there is to say of rows goes to `findings`. All references must outlive it. Throws
    // std::runtime_error.
    OldCommands(OldDatabase& database, OldDevices& devices, EventBatch& batch, Findings& findings);

    // Takes a row that was written at `time`, which is not before that of any earlier call.
    void take(const OldRows& row, Timestamp time);
    // Takes the ends up to `time`.
    void takeOutcomesUntil(Timestamp time);

    // How many were taken.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
    // How a command has ended for its one device.
    struct Outcome {
        Timestamp time{};
        OldDevice* device = nullptr;
        CommandRecord record;
        CommandProgress progress;
        TargetStatus status = TargetStatus::Timeout;
        std::string response;
    };

    [[nodiscard]] std::string payloadOf(const OldRows& row);
    [[nodiscard]] CommandProgress progressOf(const OldRows& row, Timestamp created);
    void noteOutcome(const CommandRecord& record, const CommandProgress& progress,
                     std::string_view response, Timestamp time);
    void takeEarliestOutcome(Timestamp time);

    // Constant after construction.
    OldDatabase& database_;
    OldDevices& devices_;
    EventBatch& batch_;
    Findings& findings_;

    JsonRepair json_;
    std::unordered_set<std::string> repeated_ids_;
    std::unordered_set<std::string> seen_ids_;  // those of them that were taken already
    std::vector<Outcome> outcomes_;             // a heap, the earliest in front
    std::uint64_t count_ = 0;
};

}  // namespace hub::ctl::importer
