#pragma once

#include "ctl/import/event_batch.h"
#include "ctl/import/findings.h"
#include "ctl/import/json_repair.h"
#include "ctl/import/old_database.h"
#include "hub/device.h"
#include "hub/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hub::ctl::importer {

// A device of the earlier system.
struct OldDevice {
    std::string_view id;
    std::string type;
    std::string metadata;              // a JSON object, or "" when it told none
    std::optional<DeviceIndex> index;  // once it is registered
    bool online = false;               // by the events so far
    std::optional<Timestamp> heartbeat;
};

// Something that the row of a device tells, and no other row.
struct DeviceMoment {
    enum class What : std::uint8_t { Known, Connected, Disconnected };
    Timestamp time{};
    What what = What::Known;
    OldDevice* device = nullptr;
};

// The devices of the earlier system, all in memory. Each is registered with its first event. One
// thread.
class OldDevices {
public:
    // Reads them. What there is to say goes to `findings`; both references must outlive it. Throws
    // std::runtime_error.
    OldDevices(OldDatabase& database, Findings& findings);

    // What only the rows of the devices tell, in the order of time: when each was there at the
    // latest, and where the table of connections has none of it, its last coming and going.
    [[nodiscard]] const std::vector<DeviceMoment>& moments() const noexcept { return moments_; }

    // The device of a row of `table` at `time`; it is registered in `batch` when it is not yet, as
    // `type` when the table of devices does not tell. Null when no device here can have that id.
    OldDevice* find(std::string_view id, std::string_view type, Table table, std::string_view row,
                    Timestamp time, EventBatch& batch);

    // The only device of a type; null when there is none or another one.
    [[nodiscard]] OldDevice* only(std::string_view type);

    // Registers `device` unless that was done; false when the hub can know no more.
    [[nodiscard]] bool registerAt(OldDevice& device, Timestamp time, EventBatch& batch);

    // Ends it all: registers those without any time, and has those offline that are online still;
    // returns how many these were.
    std::uint64_t end(Timestamp now, EventBatch& batch);

    // The heartbeats that devices had.
    [[nodiscard]] std::vector<SignOfLife> signsOfLife() const;

    // How many were registered.
    [[nodiscard]] std::size_t count() const noexcept { return next_index_; }

private:
    void read(OldDatabase& database);
    void noteMoments(OldDevice& device, const OldRows& row, OldDatabase& database, bool has_log);

    Findings& findings_;
    JsonRepair json_;
    std::unordered_map<std::string, OldDevice> devices_;
    std::vector<OldDevice*> order_;  // as they stand in their table, then as they came up
    std::unordered_map<std::string, OldDevice*> only_;  // by type; null: there are more
    std::vector<DeviceMoment> moments_;
    std::uint32_t next_index_ = 0;
};

}  // namespace hub::ctl::importer
