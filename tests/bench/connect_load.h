#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hub::bench {

// A fleet of devices that connect at once, each from a loopback address of its own, and are then
// idle. One thread, epoll. Everything throws std::runtime_error when a link fails.
class ConnectLoad {
public:
    explicit ConnectLoad(std::uint16_t port);
    ~ConnectLoad();
    ConnectLoad(const ConnectLoad&) = delete;
    ConnectLoad& operator=(const ConnectLoad&) = delete;

    // Connects `count` devices, at most 256 at a time on their way, each waiting for the answer to
    // its upgrade before it registers; returns the seconds until every registration was
    // acknowledged as durable.
    double connect(int count);

    // Lets every device send `message`, a document whose acknowledgement carries `msg_id` `id`, and
    // waits for all acknowledgements.
    void sendToAll(const std::string& message, std::string_view id);

    // Of the device `device-<number>`, still owned by this: for whoever speaks for the devices.
    [[nodiscard]] int descriptor(std::size_t number) const { return devices_[number].fd; }

private:
    enum class Step { Upgrading, Registering, Registered };
    struct Device {
        int fd = -1;
        Step step = Step::Upgrading;
        std::string received;
    };

    void begin(std::size_t number);
    void receive(Device& device);
    // Returns how many devices have got as far as `Registered` by what was received.
    int advance(Device& device);

    const std::uint16_t port_;
    const std::string registration_;
    const int epoll_;
    std::vector<Device> devices_;
};

}  // namespace hub::bench
