#include "http/origins.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace hub::http {
namespace {

bool isLetter(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

// RFC 3986, 3.1.
bool isScheme(std::string_view text) {
    return !text.empty() && isLetter(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.';
           });
}

// A name, an IPv4 address, or an IPv6 address in brackets.
bool isHost(std::string_view text) {
    const bool is_ipv6 = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (is_ipv6) text = text.substr(1, text.size() - 2);
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return isLetter(c) || isDigit(c) || c == '.' || (is_ipv6 ? c == ':' : c == '-' || c == '_');
    });
}

bool isPort(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port > 0;
}

std::string inLowerCase(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
    return lower;
}

// `host` as in the field Host.
bool isAddressOrLocalhost(std::string_view host) {
    const std::string name = inLowerCase(host.substr(0, host.find(':', host.find(']') + 1)));
    in6_addr address{};
    if (name.starts_with('[') && name.ends_with(']')) {
        return ::inet_pton(AF_INET6, name.substr(1, name.size() - 2).c_str(), &address) == 1;
    }
    return name == "localhost" || ::inet_pton(AF_INET, name.c_str(), &address) == 1;
}

bool isWebPage(std::string_view origin) {
    const std::string lower = inLowerCase(origin);
    return lower == "null" || lower.starts_with("http://") || lower.starts_with("https://");
}

bool isForeign(const HttpRequest& request, const Origins& origins) {
    const auto origin = request.header("origin");
    if (!origin || origins.allows(*origin)) return false;
    return !isOwnPage(*origin, request.header("host").value_or(""));
}

}  // namespace

std::optional<std::string> originFrom(std::string_view text) {
    std::string origin = inLowerCase(text);
    const std::size_t colon = origin.find("://");
    if (colon == std::string::npos || !isScheme(origin.substr(0, colon))) return std::nullopt;
    const std::string_view authority = std::string_view(origin).substr(colon + 3);
    // The last colon outside of the brackets.
    const std::size_t port = authority.find(':', authority.find(']') + 1);
    if (!isHost(authority.substr(0, port))) return std::nullopt;
    if (port == std::string_view::npos) return origin;
    if (!isPort(authority.substr(port + 1))) return std::nullopt;
    const std::string_view scheme = std::string_view(origin).substr(0, colon);
    const std::string_view number = authority.substr(port + 1);
    const bool is_implied =
        (scheme == "http" && number == "80") || (scheme == "https" && number == "443");
    if (is_implied) origin.resize(colon + 3 + port);
    return origin;
}

bool isSameHost(std::string_view origin, std::string_view host) {
    const auto from = originFrom(origin);
    if (!from) return false;
    const std::string scheme = from->substr(0, from->find("://") + 3);
    return from == originFrom(scheme + std::string(host));
}

bool isOwnPage(std::string_view origin, std::string_view host) {
    return isAddressOrLocalhost(host) && isSameHost(origin, host);
}

bool isForeignChange(const HttpRequest& request, const Origins& origins) {
    const std::string_view method = request.method();
    if (method == "GET" || method == "HEAD" || method == "OPTIONS") return false;
    return isForeign(request, origins);
}

bool isForeignUpgrade(const HttpRequest& request, const Origins& origins) {
    return isWebPage(request.header("origin").value_or("")) && isForeign(request, origins);
}

Origins::Origins(const std::vector<std::string>& allowed) {
    for (const std::string& text : allowed) {
        if (text == "*") {
            all_ = true;
        } else if (auto origin = originFrom(text)) {
            allowed_.push_back(std::move(*origin));
        } else {
            throw std::invalid_argument("\"" + text +
                                        "\" is no origin: write scheme://host[:port], or *");
        }
    }
}

bool Origins::allows(std::string_view origin) const noexcept {
    return all_ || std::find(allowed_.begin(), allowed_.end(), origin) != allowed_.end();
}

}  // namespace hub::http
