#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "hub/devices.h"
#include "registry/device_entry.h"
#include "router/sink.h"

namespace hub::registry {

// A link's hold on a device. See DeviceSession; made by DeviceRegistry::open.
class Session final : public DeviceSession {
public:
    Session(DeviceEntry& entry, const LinkDescription& link, router::Sink& sink,
            const Clock& clock);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Takes the device, or queues up behind its holder, which is told to let go.
    void claim();

    [[nodiscard]] bool active() const noexcept override;
    [[nodiscard]] bool publish(const DeviceMessage& message, AckTag tag) override;
    void seen() noexcept override;
    void end(OfflineReason reason) override;

private:
    enum class State : std::uint8_t { Waiting, Active, Ended };

    // What another session asks of this one's transport: made under the entry's lock, carried out
    // without it. Holds the session's destructor back meanwhile.
    class Call;

    void goOnline();
    void goOffline(OfflineReason reason);
    void updateRegistration(const DeviceMessage& message, AckTag tag);
    void addTypeCorrection(std::string_view type);
    void noteHeartbeat() noexcept;
    void add(Event event, AckTag tag = AckTag::None);
    [[nodiscard]] std::string linkDetails(OfflineReason reason) const;

    // Constant after construction.
    DeviceEntry& entry_;
    Transport& transport_;
    const LinkId link_;
    const std::string address_;
    const SteadyTime opened_;
    router::Sink& sink_;
    const Clock& clock_;
    const std::shared_ptr<router::AckAddress> acks_;

    // Changed under the entry's lock, read without it.
    std::atomic<State> state_ = State::Waiting;
    // Calls of other threads into the transport on behalf of this session; raised under the
    // entry's lock.
    std::atomic<std::uint32_t> calls_ = 0;

    // The session's own thread only.
    bool online_ = false;
    std::string type_;  // what the entry has, to compare without its lock
    SteadyTime online_since_{};
};

}  // namespace hub::registry
