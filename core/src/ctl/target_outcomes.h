#pragma once

#include "ctl/json_object.h"
#include "ctl/text_table.h"
#include "hub/command.h"

#include <cstddef>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

namespace hub::ctl {

// How a command stands with each of its devices, shown as it changes. What is told may be repeated
// and out of order: a device's status only goes forward, and an outcome is for good.
class TargetOutcomes {
public:
    // Shows changes on `out`, which must outlive it; null: nowhere.
    explicit TargetOutcomes(std::ostream* out) : out_(out) {}

    // Takes an object with `status`, and perhaps `reason` and `response`; returns whether the
    // device has no outcome yet. Throws std::runtime_error for a status that no command has.
    bool take(std::string_view device_id, const JsonObject& target);
    // Shows what has changed since the last call.
    void show();

    [[nodiscard]] std::size_t count() const noexcept { return devices_.size(); }
    // Whether there are devices, and the command is under way or done with every one of them.
    [[nodiscard]] bool allUnderWay() const;

private:
    std::ostream* const out_;
    TextTable table_{2};
    std::map<std::string, TargetStatus, std::less<>> devices_;
};

}  // namespace hub::ctl
