#include "bench/http_load.h"

#include "bench/loopback.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::bench {

namespace {

using std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("http load: " + what); }

// How many bytes the answer that begins with `bytes` has; 0 while its head is not complete.
std::size_t answerSize(std::string_view bytes) {
    constexpr std::string_view kEndOfHead = "\r\n\r\n";
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t end = bytes.find(kEndOfHead);
    if (end == std::string_view::npos) return 0;
    const std::string_view head = bytes.substr(0, end);
    const std::size_t at = head.find(kLength);
    if (!head.starts_with("HTTP/1.1 200") || at == std::string_view::npos) {
        fail("unexpected answer: " + std::string(head));
    }
    std::size_t length = 0;
    std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), length);
    return end + kEndOfHead.size() + length;
}

class Client {
public:
    Client(std::uint16_t port, std::string request)
        : connection_(connectToLoopback(port)), request_(std::move(request)) {}

    void ask() {
        answer_.clear();
        size_ = 0;
        asked_ = steady_clock::now();
        if (send(descriptor(), request_.data(), request_.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request_.size())) {
            fail("cannot send");
        }
    }
    // Reads what is there, or waits for something; true when the answer is complete.
    bool read() {
        const ssize_t count = recv(descriptor(), bytes_.data(), bytes_.size(), 0);
        if (count <= 0) fail("the server closed the connection");
        answer_.append(bytes_.data(), static_cast<std::size_t>(count));
        if (size_ == 0) size_ = answerSize(answer_);
        return size_ != 0 && answer_.size() >= size_;
    }

    [[nodiscard]] int descriptor() const { return connection_.value(); }
    [[nodiscard]] const std::string& answer() const { return answer_; }
    [[nodiscard]] steady_clock::time_point asked() const { return asked_; }

private:
    net::Descriptor connection_;
    std::string request_;
    std::vector<char> bytes_ = std::vector<char>(256 * 1024);
    std::string answer_;
    std::size_t size_ = 0;
    steady_clock::time_point asked_;
};

std::string requestFor(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
}

double milliseconds(steady_clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

HttpLoadResult runHttpLoad(const HttpLoad& load) {
    std::vector<Client> clients;
    const int epoll = epoll_create1(0);
    for (int i = 0; i < load.connections; ++i) {
        clients.emplace_back(load.port, requestFor(load.target));
        epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(i)}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, clients.back().descriptor(), &event);
    }
    std::vector<double> latencies;
    const auto begin = steady_clock::now();
    for (Client& client : clients) client.ask();
    std::array<epoll_event, 64> ready{};
    HttpLoadResult result;
    auto now = begin;
    while (now - begin < load.duration) {
        const int count = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), 10'000);
        if (count <= 0) fail("no answer within 10 s");
        for (int i = 0; i < count; ++i) {
            Client& client = clients[ready[static_cast<std::size_t>(i)].data.u32];
            if (!client.read()) continue;
            latencies.push_back(milliseconds(steady_clock::now() - client.asked()));
            result.answer_bytes = client.answer().size();
            client.ask();
        }
        now = steady_clock::now();
    }
    close(epoll);
    std::sort(latencies.begin(), latencies.end());
    if (latencies.empty()) fail("nothing was answered");
    result.per_second = static_cast<double>(latencies.size()) / (milliseconds(now - begin) / 1000);
    result.p50_ms = latencies[latencies.size() / 2];
    result.p99_ms = latencies[latencies.size() * 99 / 100];
    return result;
}

std::string fetch(std::uint16_t port, const std::string& target) {
    Client client(port, requestFor(target));
    client.ask();
    while (!client.read()) {
    }
    return client.answer();
}

}  // namespace hub::bench
