#pragma once

#include "hub/event_sink.h"

#include <atomic>

namespace hub::fakes {

// A sink that takes nothing, and is paused when a test says so.
class FakeEventSink final : public EventSink {
public:
    Sequence flush() override { return 0; }
    [[nodiscard]] Sequence durable() const noexcept override { return 0; }
    void settle() override {}
    [[nodiscard]] bool paused() const noexcept override { return paused_; }

    // Any thread.
    void pause(bool paused) noexcept { paused_ = paused; }

private:
    std::atomic<bool> paused_{false};
};

}  // namespace hub::fakes
