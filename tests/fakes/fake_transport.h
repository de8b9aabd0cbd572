#pragma once

#include "hub/transport.h"

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::fakes {

// A transport that remembers what it was asked, and does nothing by itself.
class FakeTransport final : public Transport {
public:
    explicit FakeTransport(std::string name = "fake") : name_(std::move(name)) {}

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }

    [[nodiscard]] Delivery deliver(LinkId link, const Command& command) override {
        const std::lock_guard lock(mutex_);
        delivered_.emplace_back(link, command.name);
        return Delivery::Accepted;
    }
    void disconnect(LinkId link, OfflineReason reason) noexcept override {
        const std::lock_guard lock(mutex_);
        disconnected_.emplace_back(link, reason);
    }
    void granted(LinkId link) noexcept override {
        const std::lock_guard lock(mutex_);
        granted_.push_back(link);
    }
    void durable(LinkId link, AckTag tag) noexcept override {
        const std::lock_guard lock(mutex_);
        durable_.emplace_back(link, tag);
    }

    // What came since the last time it was asked for.
    [[nodiscard]] std::vector<std::pair<LinkId, std::string>> takeDelivered() {
        const std::lock_guard lock(mutex_);
        return std::exchange(delivered_, {});
    }
    [[nodiscard]] std::vector<std::pair<LinkId, OfflineReason>> takeDisconnected() {
        const std::lock_guard lock(mutex_);
        return std::exchange(disconnected_, {});
    }
    [[nodiscard]] std::vector<LinkId> takeGranted() {
        const std::lock_guard lock(mutex_);
        return std::exchange(granted_, {});
    }
    [[nodiscard]] std::vector<std::pair<LinkId, AckTag>> takeDurable() {
        const std::lock_guard lock(mutex_);
        return std::exchange(durable_, {});
    }

private:
    // Constant after construction.
    const std::string name_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::vector<std::pair<LinkId, std::string>> delivered_;
    std::vector<std::pair<LinkId, OfflineReason>> disconnected_;
    std::vector<LinkId> granted_;
    std::vector<std::pair<LinkId, AckTag>> durable_;
};

}  // namespace hub::fakes
