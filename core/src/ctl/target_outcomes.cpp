#include "ctl/target_outcomes.h"

#include "ctl/hub_query.h"
#include "ctl/printable.h"

#include <algorithm>
#include <stdexcept>

namespace hub::ctl {

namespace {

// `unreachable: the device is offline`.
std::string statusText(TargetStatus status, const JsonObject& target) {
    std::string text(toString(status));
    for (const char* member : {"reason", "response"}) {
        if (!target.text(member).empty()) text.append(": ").append(target.text(member));
    }
    return text;
}

}  // namespace

bool TargetOutcomes::take(std::string_view device_id, const JsonObject& target) {
    const auto status = targetStatusFrom(target.text("status"));
    if (!status) {
        throw std::runtime_error("the hub tells of " + printable(device_id) + " the status \"" +
                                 printable(target.text("status")) + "\", which is none");
    }
    const auto [device, is_new] = devices_.try_emplace(std::string(device_id), *status);
    // The open ones are declared in the order in which they can follow each other.
    if (is_new || (isOpen(device->second) && *status > device->second)) {
        device->second = *status;
        if (out_ != nullptr) table_.add({device->first, statusText(*status, target)});
    }
    return isOpen(device->second);
}

bool TargetOutcomes::allUnderWay() const {
    return !devices_.empty() && std::ranges::all_of(devices_, [](const auto& device) {
        return isOpen(device.second) || device.second == TargetStatus::AckSuccess;
    });
}

void TargetOutcomes::show() {
    if (out_ != nullptr) {
        table_.flush(*out_);
        out_->flush();
    }
}

}  // namespace hub::ctl
