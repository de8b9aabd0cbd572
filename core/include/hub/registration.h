#pragma once

#include "hub/api.h"

#include <functional>
#include <utility>

namespace hub {

// Something attached to the hub. Destroying it detaches it and waits for calls in progress, so what
// was attached may go right after. Never destroy one from inside a call that came through it.
class [[nodiscard]] HUB_API Registration {
public:
    Registration() = default;
    explicit Registration(std::function<void()> detach) : detach_(std::move(detach)) {}
    Registration(Registration&& other) noexcept : detach_(std::exchange(other.detach_, nullptr)) {}
    Registration& operator=(Registration&& other) noexcept;
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration();

private:
    std::function<void()> detach_;
};

}  // namespace hub
