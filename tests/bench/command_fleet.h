#pragma once

#include "bench/connect_load.h"
#include "net/descriptor.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hub::bench {

// Devices `device-0` and so on that acknowledge every command at once, and the operators who send
// the commands. One thread, epoll, over loopback, so that both ends of a time are read by the same
// clock. Everything throws std::runtime_error when a link fails or an answer is not a 200.
class CommandFleet {
public:
    // Connects and registers the devices.
    CommandFleet(std::uint16_t port, std::size_t devices, std::size_t operators);
    ~CommandFleet();
    CommandFleet(const CommandFleet&) = delete;
    CommandFleet& operator=(const CommandFleet&) = delete;

    // Posts `body` and waits until `devices` of the fleet have the command; returns the seconds
    // from the request to the last of them. Then waits for the answer.
    double post(const std::string& body, std::size_t devices);

    struct Rate {
        double answered_per_second = 0;
        double received_per_second = 0;  // by the devices
    };
    // Every operator sends one command after the other, each to the next device.
    Rate postAsFastAsAnswered(std::chrono::milliseconds duration);

private:
    struct Device {
        int fd = -1;
        std::string received;
    };
    struct Operator {
        net::Descriptor connection;
        std::string received;
    };

    void send(Operator& from, std::string_view body);
    // Waits for something and takes it; the operators whose answers are complete.
    std::vector<std::size_t> takeWhatComes();
    void takeCommands(Device& device);
    [[nodiscard]] static bool takeAnswer(Operator& of);

    ConnectLoad links_;
    const int epoll_;
    std::vector<Device> devices_;
    std::vector<Operator> operators_;
    std::size_t commands_ = 0;  // that devices have received
};

}  // namespace hub::bench
