#include "bench/command_fleet.h"

#include "bench/loopback.h"
#include "bench/ws_device.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace hub::bench {

namespace {

using std::chrono::steady_clock;

constexpr int kPatienceMs = 10'000;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("commands: " + what); }

double secondsSince(steady_clock::time_point begin) {
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

void receive(int fd, std::string& received) {
    std::array<char, 16 * 1024> bytes;
    const ssize_t count = recv(fd, bytes.data(), bytes.size(), 0);
    if (count <= 0) fail("the hub closed a connection after: " + received);
    received.append(bytes.data(), static_cast<std::size_t>(count));
}

void sendAll(int fd, std::string_view bytes) {
    if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size())) {
        fail("cannot send");
    }
}

// Takes the text of the first frame of a server (RFC 6455, 5.2: unmasked) off `bytes`; false while
// it is not complete.
bool takeFrame(std::string& bytes, std::string& text) {
    if (bytes.size() < 2) return false;
    std::size_t head = 2;
    std::size_t length = static_cast<unsigned char>(bytes[1]);
    if (length == 126) {
        if (bytes.size() < 4) return false;
        head = 4;
        length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[2])) << 8 |
                 static_cast<unsigned char>(bytes[3]);
    }
    if (bytes.size() < head + length) return false;
    text = bytes.substr(head, length);
    bytes.erase(0, head + length);
    return true;
}

std::string acknowledgementOf(std::string_view command) {
    constexpr std::string_view kId = R"("command_id":")";
    const std::size_t at = command.find(kId);
    if (at == std::string_view::npos) fail("unexpected message: " + std::string(command));
    const std::string_view rest = command.substr(at + kId.size());
    return frame(R"({"message_type":"command_ack","command_id":")" +
                 std::string(rest.substr(0, rest.find('"'))) + R"("})");
}

}  // namespace

CommandFleet::CommandFleet(std::uint16_t port, std::size_t devices, std::size_t operators)
    : links_(port), epoll_(epoll_create1(0)) {
    links_.connect(static_cast<int>(devices));
    const auto watch = [this](int fd, std::size_t number) {
        epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    };
    for (std::size_t i = 0; i < devices; ++i) {
        devices_.push_back({links_.descriptor(i), {}});
        watch(devices_.back().fd, i);
    }
    for (std::size_t i = 0; i < operators; ++i) {
        operators_.push_back({connectToLoopback(port), {}});
        watch(operators_.back().connection.value(), devices + i);
    }
}

CommandFleet::~CommandFleet() { close(epoll_); }

double CommandFleet::post(const std::string& body, std::size_t devices) {
    const std::size_t wanted = commands_ + devices;
    const auto begin = steady_clock::now();
    send(operators_.front(), body);
    bool answered = false;
    double seconds = 0;
    while (!answered || commands_ < wanted) {
        answered = !takeWhatComes().empty() || answered;
        if (seconds == 0 && commands_ >= wanted) seconds = secondsSince(begin);
    }
    return seconds;
}

CommandFleet::Rate CommandFleet::postAsFastAsAnswered(std::chrono::milliseconds duration) {
    std::size_t next = 0;
    const auto sendNext = [&](Operator& from) {
        send(from, R"({"device_id":"device-)" + std::to_string(next++ % devices_.size()) +
                       R"(","command_name":"toggle"})");
    };
    std::size_t answered = 0;
    const std::size_t before = commands_;
    const auto begin = steady_clock::now();
    for (Operator& one : operators_) sendNext(one);
    while (answered < next) {
        for (const std::size_t number : takeWhatComes()) {
            ++answered;
            if (steady_clock::now() - begin < duration) sendNext(operators_[number]);
        }
    }
    while (commands_ - before < next) takeWhatComes();
    const double seconds = secondsSince(begin);
    return {static_cast<double>(answered) / seconds,
            static_cast<double>(commands_ - before) / seconds};
}

void CommandFleet::send(Operator& from, std::string_view body) {
    std::string request =
        "POST /api/command HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n";
    request += body;
    sendAll(from.connection.value(), request);
}

std::vector<std::size_t> CommandFleet::takeWhatComes() {
    std::array<epoll_event, 256> ready{};
    const int count = epoll_wait(epoll_, ready.data(), ready.size(), kPatienceMs);
    if (count <= 0) fail("nothing comes for ten seconds");
    std::vector<std::size_t> answered;
    for (int i = 0; i < count; ++i) {
        const std::size_t number = ready[static_cast<std::size_t>(i)].data.u64;
        if (number < devices_.size()) {
            takeCommands(devices_[number]);
        } else if (takeAnswer(operators_[number - devices_.size()])) {
            answered.push_back(number - devices_.size());
        }
    }
    return answered;
}

void CommandFleet::takeCommands(Device& device) {
    receive(device.fd, device.received);
    std::string text;
    while (takeFrame(device.received, text)) {
        ++commands_;
        sendAll(device.fd, acknowledgementOf(text));
    }
}

bool CommandFleet::takeAnswer(Operator& of) {
    constexpr std::string_view kEndOfHead = "\r\n\r\n";
    constexpr std::string_view kLength = "Content-Length: ";
    receive(of.connection.value(), of.received);
    const std::size_t end = of.received.find(kEndOfHead);
    if (end == std::string::npos) return false;
    const std::size_t at = of.received.find(kLength);
    if (!of.received.starts_with("HTTP/1.1 200") || at > end) fail(of.received);
    std::size_t length = 0;
    std::from_chars(of.received.data() + at + kLength.size(), of.received.data() + end, length);
    if (of.received.size() < end + kEndOfHead.size() + length) return false;
    of.received.clear();
    return true;
}

}  // namespace hub::bench
