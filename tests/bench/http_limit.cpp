#include "bench/http_limit.h"

#include "bench/loopback.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace hub::bench {

namespace {

void watch(int epoll, int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

// Blocking: clients that measure read what they asked for.
void sendAll(int fd, const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t count = send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (count <= 0) return;
        at += static_cast<std::size_t>(count);
    }
}

}  // namespace

HttpLimit::HttpLimit(std::string answer)
    : answer_(std::move(answer)), listener_(socket(AF_INET, SOCK_STREAM, 0)), stop_(eventfd(0, 0)) {
    sockaddr_in address = loopbackAddress(0);
    socklen_t length = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        listen(listener_, 64) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        throw std::runtime_error("http limit: cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

HttpLimit::~HttpLimit() {
    eventfd_write(stop_, 1);
    thread_.join();
    close(listener_);
    close(stop_);
}

void HttpLimit::serve() const {
    const int epoll = epoll_create1(0);
    watch(epoll, listener_);
    watch(epoll, stop_);
    std::array<epoll_event, 64> ready{};
    std::array<char, 4096> request{};
    while (true) {
        const int count = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = ready[static_cast<std::size_t>(i)].data.fd;
            if (fd == stop_) {
                close(epoll);
                return;
            }
            if (fd == listener_) {
                const int client = accept(listener_, nullptr, nullptr);
                const int on = 1;
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                watch(epoll, client);
            } else if (recv(fd, request.data(), request.size(), 0) > 0) {
                sendAll(fd, answer_);
            } else {
                close(fd);
            }
        }
    }
}

}  // namespace hub::bench
