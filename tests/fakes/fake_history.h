#pragma once

#include "fakes/history_filter.h"
#include "hub/history.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hub::fakes {

// Rows of all devices, kept newest first unless they say otherwise.
class FakeHistory final : public History {
public:
    struct State {
        Sequence sequence;
        Timestamp time;
        std::optional<Timestamp> device_time;
        std::string state;
        DeviceIndex device{};
    };
    struct Connection {
        Sequence sequence;
        Timestamp time;
        std::string event;
        std::string details;
        DeviceIndex device{};
    };

    struct Command {
        CommandRecord record;
        CommandProgress progress;
        std::vector<DeviceIndex> devices;
    };
    struct CommandTarget {
        CommandNumber command;
        Sequence sequence;
        Timestamp time;
        std::string device_id;
        TargetStatus status = TargetStatus::Pending;
        std::string payload = "{}";
        bool late = false;
        DeviceIndex device{};
    };
    struct PastEvent {
        Sequence sequence;
        Timestamp time;
        EventKind kind;
        std::string device_id;
        std::string name;
        std::string payload = "{}";
        DeviceIndex device{};
    };

    std::vector<State> state_rows;
    std::vector<Connection> connection_rows;
    std::vector<Command> command_rows;
    std::vector<CommandTarget> target_rows;  // oldest first
    std::vector<PastEvent> event_rows;       // oldest first
    std::optional<Error> broken;             // answered instead of rows

    [[nodiscard]] Result<void> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override {
        return each(query, state_rows, [&](const State& row) {
            return visit({row.sequence, row.time, row.device_time, row.state});
        });
    }
    [[nodiscard]] Result<void> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override {
        return each(query, connection_rows, [&](const Connection& row) {
            return visit({row.sequence, row.time, row.event, row.details});
        });
    }
    [[nodiscard]] Result<void> commands(
        const CommandQuery& query,
        const std::function<bool(const CommandRecord&, const CommandProgress&)>& visit)
        const override {
        if (broken) return *broken;
        requireLimit(query.limit);
        std::size_t visited = 0;
        for (const Command& row : command_rows) {
            if (visited == query.limit) break;
            if (!asksFor(query, row.record, row.progress)) continue;
            if (query.device && std::ranges::count(row.devices, *query.device) == 0) continue;
            ++visited;
            if (!visit(row.record, row.progress)) break;
        }
        return {};
    }
    [[nodiscard]] Result<void> commandTargets(
        CommandNumber command,
        const std::function<bool(const CommandTargetRow&)>& visit) const override {
        if (broken) return *broken;
        for (const CommandTarget& row : target_rows) {
            if (row.command != command) continue;
            if (!visit({row.sequence, row.time, row.device, row.device_id, row.status, row.late,
                        row.payload})) {
                break;
            }
        }
        return {};
    }
    [[nodiscard]] Result<void> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override {
        if (broken) return *broken;
        for (const PastEvent& row : event_rows) {
            if (row.sequence <= after) continue;
            Event event;
            event.sequence = row.sequence;
            event.time = row.time;
            event.device = row.device;
            event.kind = row.kind;
            event.device_id = row.device_id;
            event.name = row.name;
            event.payload = row.payload;
            if (!visit(event)) break;
        }
        return {};
    }

private:
    static void requireLimit(std::size_t limit) {
        if (limit < 1 || limit > HistoryQuery::kMaxLimit)
            throw std::logic_error("limit out of range");
    }

    template <class Row, class Visit>
    Result<void> each(const HistoryQuery& query, const std::vector<Row>& rows, Visit visit) const {
        if (broken) return *broken;
        requireLimit(query.limit);
        std::size_t visited = 0;
        for (const Row& row : rows) {
            if (visited == query.limit) break;
            if (!asksFor(query, row.device, row.sequence, row.time)) continue;
            ++visited;
            if (!visit(row)) break;
        }
        return {};
    }
};

}  // namespace hub::fakes
