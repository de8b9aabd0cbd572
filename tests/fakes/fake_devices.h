#pragma once

#include "fakes/fake_event_sink.h"
#include "hub/devices.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::fakes {

// The hub's devices as a transport meets them: one active session for each, of which the newest
// wins, and a story of what happened, such as
//
//   lamp-1 online | lamp-1 says {"message_type":"heartbeat"} | lamp-1 offline closed
//
// One thread.
class FakeDevices final : public Devices {
public:
    // What happened since the last time it was asked for.
    [[nodiscard]] std::vector<std::string> takeStory() { return std::exchange(story_, {}); }

    // Everything published so far is on disk.
    void makeDurable() {
        for (const Awaiting& one : std::exchange(awaiting_, {})) {
            if (!*one.session_ended) one.transport->durable(one.link, one.tag);
        }
    }

    // A device that the hub remembers from an earlier time.
    void remember(const std::string& id, std::string type) { types_[id] = std::move(type); }

    // From now on no session can be opened, as while the hub is stopping.
    void refuse(std::optional<Error> why) { refusal_ = std::move(why); }

    // An older session of `id` refuses to let go until `letGo`; as that of another transport.
    void occupy(const std::string& id) { occupied_.push_back(id); }
    void letGo(const std::string& id) {
        std::erase(occupied_, id);
        grantWaiting(id);
    }

    // How long devices may be silent: all of them, and those of one type.
    void setTimeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
    void setTimeout(std::string type, std::chrono::milliseconds timeout) {
        timeouts_[std::move(type)] = timeout;
    }

    [[nodiscard]] int signsOfLife() const noexcept { return signs_of_life_; }

    [[nodiscard]] Result<std::unique_ptr<DeviceSession>> open(
        std::string_view id, const LinkDescription& link, const DeviceMessage& first, AckTag tag,
        EventSink& /*sink*/, std::string_view fallback_type) override {
        if (refusal_) return *refusal_;
        const std::string device_id(id);
        const std::string_view type = first.device_type.empty() ? fallback_type : first.device_type;
        if (!type.empty()) types_[device_id] = type;
        if (!types_.contains(device_id)) {
            return Error{Error::Kind::Invalid,
                         "device " + device_id + " has no type: send a registration first"};
        }
        auto session = std::make_unique<Session>(*this, device_id, link.transport, link.link);
        if (Session* const waiting = std::exchange(waiting_[device_id], nullptr)) {
            waiting->transport.disconnect(waiting->link, OfflineReason::TakenOver);
        }
        if (Session* const older = holders_[device_id]) {
            waiting_[device_id] = session.get();
            older->transport.disconnect(older->link, OfflineReason::TakenOver);
        } else if (std::find(occupied_.begin(), occupied_.end(), device_id) != occupied_.end()) {
            waiting_[device_id] = session.get();
        } else {
            holders_[device_id] = session.get();
            static_cast<void>(session->publish(first, tag));
        }
        return std::unique_ptr<DeviceSession>(std::move(session));
    }

    [[nodiscard]] std::unique_ptr<EventSink> openSink(std::function<void()> wake) override {
        wakes_.push_back(std::move(wake));
        return std::make_unique<FakeEventSink>();
    }

    // Calls the wake-up of every sink that was opened.
    void wakeAll() const {
        for (const auto& wake : wakes_) wake();
    }

    [[nodiscard]] std::optional<Device> find(std::string_view id) const override {
        const auto found = types_.find(id);
        if (found == types_.end()) return std::nullopt;
        return deviceOf(*found);
    }

    // All of them: a transport asks for no pages.
    void visit(std::optional<DeviceIndex> after,
               const std::function<bool(const Device&)>& visit) const override {
        if (after) throw std::logic_error("these devices have no numbers to go on from");
        for (const auto& known : types_) {
            if (!visit(deviceOf(known))) return;
        }
    }

    [[nodiscard]] std::size_t count() const noexcept override { return types_.size(); }

    [[nodiscard]] Result<void> kick(std::string_view id) override {
        const auto holder = holders_.find(std::string(id));
        if (holder == holders_.end() || holder->second == nullptr) {
            return Error{Error::Kind::Refused, std::string(id) + " is offline"};
        }
        holder->second->transport.disconnect(holder->second->link, OfflineReason::Kicked);
        return {};
    }

    [[nodiscard]] Result<void> forget(std::string_view id) override {
        if (types_.erase(std::string(id)) == 0) {
            return Error{Error::Kind::NotFound, "no device " + std::string(id)};
        }
        static_cast<void>(kick(id));
        return {};
    }

private:
    class Session final : public DeviceSession {
    public:
        Session(FakeDevices& devices, std::string id, Transport& to, LinkId of)
            : transport(to), link(of), devices_(devices), id_(std::move(id)) {}
        ~Session() override { end(OfflineReason::Lost); }

        [[nodiscard]] std::string_view deviceId() const noexcept override { return id_; }
        [[nodiscard]] bool active() const noexcept override { return active_; }

        [[nodiscard]] bool publish(const DeviceMessage& message, AckTag tag) override {
            if (devices_.holders_[id_] != this) return false;
            if (!std::exchange(active_, true)) devices_.story_.push_back(id_ + " online");
            if (!message.device_type.empty()) devices_.types_[id_] = message.device_type;
            devices_.story_.push_back(id_ + " says " + std::string(message.document));
            if (tag != AckTag::None) devices_.awaiting_.push_back({&transport, link, tag, ended_});
            return true;
        }

        void seen() noexcept override {
            if (active_) ++devices_.signs_of_life_;
        }

        [[nodiscard]] std::chrono::milliseconds timeout() const noexcept override {
            const auto own = devices_.timeouts_.find(devices_.types_[id_]);
            return own == devices_.timeouts_.end() ? devices_.timeout_ : own->second;
        }

        using DeviceSession::end;
        void end(OfflineReason reason, std::uint16_t code) override {
            if (std::exchange(*ended_, true)) return;
            if (std::exchange(active_, false)) {
                std::string line = id_ + " offline " + std::string(toString(reason));
                if (code != 0) line += " " + std::to_string(code);
                devices_.story_.push_back(std::move(line));
            }
            devices_.ended(*this, id_);
        }

        Transport& transport;
        const LinkId link;

    private:
        FakeDevices& devices_;
        const std::string id_;
        bool active_ = false;  // it has published something, and not ended
        const std::shared_ptr<bool> ended_ = std::make_shared<bool>(false);
    };

    struct Awaiting {
        Transport* transport;
        LinkId link;
        AckTag tag;
        std::shared_ptr<bool> session_ended;
    };

    static Device deviceOf(const std::pair<const std::string, std::string>& known) {
        Device device;
        device.id = known.first;
        device.type = known.second;
        return device;
    }

    void ended(Session& session, const std::string& id) {
        if (waiting_[id] == &session) waiting_[id] = nullptr;
        if (holders_[id] != &session) return;
        holders_[id] = nullptr;
        grantWaiting(id);
    }

    void grantWaiting(const std::string& id) {
        Session* const next = std::exchange(waiting_[id], nullptr);
        if (next == nullptr) return;
        holders_[id] = next;
        next->transport.granted(next->link);
    }

    std::map<std::string, std::string, std::less<>> types_;  // of every known device
    std::chrono::milliseconds timeout_{90'000};
    std::map<std::string, std::chrono::milliseconds> timeouts_;
    std::map<std::string, Session*> holders_;
    std::map<std::string, Session*> waiting_;
    std::vector<std::string> occupied_;
    std::vector<Awaiting> awaiting_;
    std::vector<std::function<void()>> wakes_;
    std::vector<std::string> story_;
    std::optional<Error> refusal_;
    int signs_of_life_ = 0;
};

}  // namespace hub::fakes
