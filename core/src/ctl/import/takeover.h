#pragma once

#include "ctl/import/event_batch.h"
#include "ctl/import/findings.h"
#include "ctl/import/old_commands.h"
#include "ctl/import/old_database.h"
#include "ctl/import/old_devices.h"
#include "hub/store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace hub::ctl::importer {

// What was given to the store.
struct Totals {
    std::uint64_t devices = 0;
    std::uint64_t states = 0;
    std::uint64_t connections = 0;
    std::uint64_t events = 0;  // registrations, and words of the connection log that are neither
    std::uint64_t commands = 0;
    Sequence last_sequence = 0;

    friend bool operator==(const Totals&, const Totals&) = default;
};

// Reads the rows of all tables of an earlier system in the order of their times, and gives what
// they mean to a store. Used once. One thread.
class Takeover {
public:
    // `store` must be empty. What there is to say of rows goes to `findings`. All references must
    // outlive it. Throws std::runtime_error.
    Takeover(OldDatabase& database, const Survey& survey, Store& store, Timestamp now,
             Findings& findings);

    // Does it all; calls `progress` with the number of rows read so far, every thousand or so.
    // Throws std::runtime_error.
    [[nodiscard]] Totals run(const std::function<void(std::uint64_t rows)>& progress);

private:
    // One table, at the row that comes next.
    struct Source {
        Table table;
        OldRows rows;
        std::optional<Timestamp> time;  // nothing: there is no row left

        void advance();
    };

    [[nodiscard]] Source* earliest();
    void takeMomentsUntil(Timestamp time);
    void take(const DeviceMoment& moment);
    void takeRow(Source& source);
    void takeState(const OldRows& row, Timestamp time);
    void takeConnection(const OldRows& row, Timestamp time);
    void addConnection(OldDevice& device, EventKind kind, OfflineReason reason, Timestamp time,
                       std::string_view details);

    // Constant after construction.
    OldDatabase& database_;
    Store& store_;
    const Timestamp now_;
    Findings& findings_;

    JsonRepair json_;
    EventBatch batch_;
    OldDevices devices_;
    OldCommands commands_;
    std::vector<Source> sources_;
    std::size_t next_moment_ = 0;
    Totals totals_;
};

}  // namespace hub::ctl::importer
