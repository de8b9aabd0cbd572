#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub::net {

// An IPv4 or IPv6 address with a port. No names are resolved.
class SocketAddress {
public:
    // Nothing unless `host` is an IPv4 or IPv6 literal, or `localhost` (127.0.0.1).
    static std::optional<SocketAddress> parse(std::string_view host, std::uint16_t port);
    // The address that `descriptor` is bound to.
    static SocketAddress ofSocket(int descriptor);
    // As accept(2) gives it.
    explicit SocketAddress(const sockaddr_storage& storage) : storage_(storage) {}

    [[nodiscard]] std::uint16_t port() const noexcept;
    [[nodiscard]] int family() const noexcept { return storage_.ss_family; }
    [[nodiscard]] const sockaddr* get() const noexcept;
    [[nodiscard]] socklen_t size() const noexcept;

    // What one subscriber holds: an IPv4 address, or the first 64 bits of an IPv6 address (RFC
    // 6177). An IPv4 peer of an IPv6 socket is known by its IPv4 address. IPv4 addresses stand
    // where IPv6 has nothing but the loopback (RFC 4291, 2.4), so the numbers of the two do not
    // meet.
    enum class Network : std::uint64_t {};
    [[nodiscard]] Network network() const noexcept;

    // `192.0.2.7:50312` or `[2001:db8::7]:50312`. An IPv4 peer of an IPv6 socket is shown as IPv4.
    [[nodiscard]] std::string text() const;

private:
    sockaddr_storage storage_;
};

// Host and port as they stand in a URL (RFC 3986, 3.2): `hub.example:80`, `[::1]:8000`.
[[nodiscard]] std::string authorityOf(std::string_view host, std::uint16_t port);

}  // namespace hub::net
