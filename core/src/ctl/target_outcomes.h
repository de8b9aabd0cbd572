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

    // Takes an object with `status`, and perhaps `reason` and `response`. Throws std::runtime_error
    // for a status that no command has.
    void take(std::string_view device_id, const JsonObject& target);
    // Takes the member `targets` of an answer about the command, if it has one. Throws likewise.
    void takeAll(const JsonObject& command);

    [[nodiscard]] std::size_t count() const noexcept { return devices_.size(); }
    // Whether a device has no outcome yet.
    [[nodiscard]] bool open() const noexcept { return open_ > 0; }
    // Whether there are devices, and the command is under way or done with every one of them.
    [[nodiscard]] bool allUnderWay() const;

private:
    void add(std::string_view device_id, const JsonObject& target);
    void flush();

    std::ostream* const out_;
    TextTable table_{2};
    std::map<std::string, TargetStatus, std::less<>> devices_;
    std::size_t open_ = 0;  // of them
};

}  // namespace hub::ctl
