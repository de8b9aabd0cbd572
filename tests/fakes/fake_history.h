#pragma once

#include "fakes/history_filter.h"
#include "hub/history.h"

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hub::fakes {

// Rows of all devices, kept newest first.
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

    std::vector<State> state_rows;
    std::vector<Connection> connection_rows;
    std::optional<Error> broken;  // answered instead of rows

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

private:
    template <class Row, class Visit>
    Result<void> each(const HistoryQuery& query, const std::vector<Row>& rows, Visit visit) const {
        if (broken) return *broken;
        if (query.limit < 1 || query.limit > HistoryQuery::kMaxLimit)
            throw std::logic_error("limit out of range");
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
