#pragma once

#include "hub/devices.h"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hub::fakes {

// The hub's devices as whoever shows them meets them: as a test writes them down. One thread.
class KnownDevices final : public Devices {
public:
    std::vector<Device> known;  // in the order of their index
    std::vector<std::string> kicked;
    std::optional<Error> refuse_to_forget;

    [[nodiscard]] std::optional<Device> find(std::string_view id) const override {
        for (const Device& device : known) {
            if (device.id == id) return device;
        }
        return std::nullopt;
    }
    void visit(std::optional<DeviceIndex> after,
               const std::function<bool(const Device&)>& visit) const override {
        for (const Device& device : known) {
            if (after && device.index <= *after) continue;
            if (!visit(device)) return;
        }
    }
    [[nodiscard]] std::size_t count() const noexcept override { return known.size(); }

    [[nodiscard]] Result<void> kick(std::string_view id) override {
        const auto device = find(id);
        if (!device) return Error{Error::Kind::NotFound, "no such device"};
        if (!device->online) return Error{Error::Kind::Refused, '"' + device->id + "\" is offline"};
        kicked.emplace_back(id);
        return {};
    }
    [[nodiscard]] Result<void> forget(std::string_view id) override {
        if (!find(id)) return Error{Error::Kind::NotFound, "no such device"};
        if (refuse_to_forget) return *refuse_to_forget;
        std::erase_if(known, [&](const Device& device) { return device.id == id; });
        return {};
    }

    [[nodiscard]] Result<std::unique_ptr<DeviceSession>> open(std::string_view,
                                                              const LinkDescription&,
                                                              const DeviceMessage&, AckTag,
                                                              EventSink&,
                                                              std::string_view) override {
        throw std::logic_error("no sessions are expected here");
    }
    [[nodiscard]] std::unique_ptr<EventSink> openSink(std::function<void()>) override {
        throw std::logic_error("no sinks are expected here");
    }
};

}  // namespace hub::fakes
