#pragma once

#include "fakes/history_filter.h"
#include "hub/history.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
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

    std::vector<State> state_rows;
    std::vector<Connection> connection_rows;
    std::vector<Command> command_rows;
    std::vector<CommandTarget> target_rows;  // oldest first
    std::optional<Error> broken;             // answered instead of rows
    std::size_t patience = SIZE_MAX;         // so many rows are looked at before it is cut short

    [[nodiscard]] Result<std::optional<Sequence>> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override {
        return each<Sequence>(query, state_rows, [&](const State& row) {
            return visit({row.sequence, row.time, row.device_time, row.state});
        });
    }
    [[nodiscard]] Result<std::optional<Sequence>> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override {
        return each<Sequence>(query, connection_rows, [&](const Connection& row) {
            return visit({row.sequence, row.time, row.event, row.details});
        });
    }
    [[nodiscard]] Result<std::optional<CommandNumber>> commands(
        const CommandQuery& query, const VisitCommand& visit) const override {
        return each<CommandNumber>(query, command_rows, [&](const Command& row) {
            return visit(row.record, row.progress);
        });
    }
    [[nodiscard]] Result<bool> command(std::string_view id, DeviceIndex from,
                                       const VisitCommand& visit,
                                       const VisitTarget& visit_target) const override {
        if (broken) return *broken;
        const auto found = std::ranges::find(
            command_rows, id,
            [](const Command& row) -> const std::string& { return row.record.command.id; });
        if (found == command_rows.end()) return false;
        if (!visit(found->record, found->progress)) return true;
        std::vector<CommandTarget> rows;
        std::ranges::copy_if(target_rows, std::back_inserter(rows), [&](const CommandTarget& row) {
            return row.command == found->record.number && row.device >= from;
        });
        std::ranges::stable_sort(rows, {}, &CommandTarget::device);
        for (const CommandTarget& row : rows) {
            if (!visit_target({row.sequence, row.time, row.device, row.device_id, row.status,
                               row.late, row.payload})) {
                break;
            }
        }
        return true;
    }
    // There are none.
    [[nodiscard]] Result<std::optional<Sequence>> events(
        Sequence, const std::function<bool(const Event&)>&) const override {
        if (broken) return *broken;
        return std::optional<Sequence>();
    }

private:
    template <class Row>
    static Sequence positionOf(const Row& row) {
        return row.sequence;
    }
    static CommandNumber positionOf(const Command& row) { return row.record.number; }

    template <class Row>
    static bool wants(const HistoryQuery& query, const Row& row) {
        return asksFor(query, row.device, row.sequence, row.time);
    }
    static bool wants(const CommandQuery& query, const Command& row) {
        return asksFor(query, row.record, row.progress) &&
               (!query.device || std::ranges::count(row.devices, *query.device) > 0);
    }

    template <class Position, class Query, class Row, class Visit>
    Result<std::optional<Position>> each(const Query& query, const std::vector<Row>& rows,
                                         Visit visit) const {
        if (broken) return *broken;
        if (query.limit < 1 || query.limit > HistoryQuery::kMaxLimit)
            throw std::logic_error("limit out of range");
        std::size_t visited = 0;
        std::size_t looked_at = 0;
        for (const Row& row : rows) {
            if (query.before != decltype(query.before){} && positionOf(row) >= query.before)
                continue;
            if (wants(query, row)) {
                ++visited;
                if (!visit(row) || visited == query.limit) break;
            }
            if (++looked_at == patience) return std::optional(positionOf(row));
        }
        return std::optional<Position>();
    }
};

}  // namespace hub::fakes
