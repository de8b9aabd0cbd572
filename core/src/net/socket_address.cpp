#include "net/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <span>

namespace hub::net {
namespace {

// The socket API asks for these casts between the address types.
template <class Address>
Address as(const sockaddr_storage& storage) {
    Address address;
    std::memcpy(&address, &storage, sizeof address);
    return address;
}

template <class Address>
sockaddr_storage stored(const Address& address) {
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return storage;
}

std::string text(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    ::inet_ntop(family, address, buffer.data(), buffer.size());
    return buffer.data();
}

}  // namespace

std::optional<SocketAddress> SocketAddress::parse(std::string_view host, std::uint16_t port) {
    const std::string literal(host == "localhost" ? "127.0.0.1" : host);
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, literal.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        return SocketAddress{stored(v4)};
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, literal.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        return SocketAddress{stored(v6)};
    }
    return std::nullopt;
}

SocketAddress SocketAddress::ofSocket(int descriptor) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
    return SocketAddress{storage};
}

std::uint16_t SocketAddress::port() const noexcept {
    if (family() == AF_INET6) return ntohs(as<sockaddr_in6>(storage_).sin6_port);
    return ntohs(as<sockaddr_in>(storage_).sin_port);
}

const sockaddr* SocketAddress::get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage_);
}

socklen_t SocketAddress::size() const noexcept {
    return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

SocketAddress::Network SocketAddress::network() const noexcept {
    if (family() != AF_INET6) return Network{ntohl(as<sockaddr_in>(storage_).sin_addr.s_addr)};
    const auto v6 = as<sockaddr_in6>(storage_);
    const bool v4 = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    const std::span bytes(v6.sin6_addr.s6_addr);
    std::uint64_t number = 0;
    for (const std::uint8_t byte : v4 ? bytes.last(4) : bytes.first(8)) number = number << 8 | byte;
    return Network{number};
}

std::string SocketAddress::text() const {
    if (family() != AF_INET6) {
        const auto v4 = as<sockaddr_in>(storage_);
        return authorityOf(net::text(AF_INET, &v4.sin_addr), port());
    }
    const auto v6 = as<sockaddr_in6>(storage_);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
        return authorityOf(net::text(AF_INET, &v6.sin6_addr.s6_addr[12]), port());
    }
    return authorityOf(net::text(AF_INET6, &v6.sin6_addr), port());
}

std::string authorityOf(std::string_view host, std::uint16_t port) {
    const bool v6 = host.find(':') != std::string_view::npos;
    std::string text = v6 ? "[" : "";
    return text.append(host).append(v6 ? "]:" : ":").append(std::to_string(port));
}

}  // namespace hub::net
