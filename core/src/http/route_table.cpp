#include "http/route_table.h"

#include "http/field_syntax.h"

#include <algorithm>
#include <mutex>
#include <stdexcept>

namespace hub::http {
namespace {

std::size_t skipped(bool without_prefix) noexcept { return without_prefix ? 1 : 0; }

std::string checkedMethod(std::string_view method) {
    if (!isToken(method)) {
        throw std::invalid_argument("bad route method '" + std::string(method) +
                                    "': it must be a token such as GET");
    }
    return std::string(method);
}

void appendMethod(std::string& allow, std::string_view method) {
    if (listContains(allow, method)) return;
    if (!allow.empty()) allow += ", ";
    allow += method;
    if (method == "GET") appendMethod(allow, "HEAD");
}

}  // namespace

Route::Route(std::string_view route_method, std::string_view route_pattern, HttpHandler handler,
             Worker route_worker)
    : method(checkedMethod(route_method)),
      pattern(route_pattern),
      worker(route_worker),
      target(std::move(handler)) {}

Route::Route(std::string_view route_pattern, UpgradeHandler& handler)
    : pattern(route_pattern), target(&handler) {}

void Route::close() {
    gate.close();
    streams.endAll();
    target = static_cast<UpgradeHandler*>(nullptr);
}

bool RouteTable::precedes(const Entry& a, const Entry& b) {
    const int order = a.route->pattern.compare(skipped(a.without_prefix), b.route->pattern,
                                               skipped(b.without_prefix));
    return order < 0 || (order == 0 && !a.without_prefix && b.without_prefix);
}

void RouteTable::add(std::shared_ptr<Route> route) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) {
        const Route& other = *entry.route;
        if (!entry.without_prefix && other.method == route->method &&
            other.pattern.compare(0, route->pattern, 0) == 0) {
            throw std::logic_error("cannot add the route '" + route->method + " " +
                                   route->pattern.text() + "': taken by '" + other.method + " " +
                                   other.pattern.text() + "'");
        }
    }
    const auto insert = [this](Entry entry) {
        entries_.insert(std::upper_bound(entries_.begin(), entries_.end(), entry, precedes),
                        std::move(entry));
    };
    if (route->pattern.prefixIsOptional()) insert({route, true});
    insert({std::move(route), false});
}

void RouteTable::remove(const Route& route) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.route.get() == &route; });
}

RouteMatch RouteTable::find(std::string_view method, const Path& path, Wanted wanted) const {
    const std::string_view answered_by = method == "HEAD" ? "GET" : method;
    const Entry* found = nullptr;
    const Entry* upgrade = nullptr;
    RouteMatch match;
    const std::shared_lock lock(mutex_);
    for (const Entry& entry : entries_) {
        if (!entry.route->pattern.matches(path, skipped(entry.without_prefix))) continue;
        if (entry.route->method.empty()) {
            if (upgrade == nullptr) upgrade = &entry;
            continue;
        }
        if (found == nullptr && entry.route->method == answered_by) found = &entry;
        if (found == nullptr) appendMethod(match.allow, entry.route->method);
    }
    if (wanted == Wanted::UpgradeIfAny && upgrade != nullptr) found = upgrade;
    if (found != nullptr) {
        return {RouteMatch::Kind::Found, found->route, found->without_prefix, {}};
    }
    if (!match.allow.empty()) {
        match.kind = RouteMatch::Kind::WrongMethod;
    } else if (upgrade != nullptr) {
        match.kind = RouteMatch::Kind::UpgradeRequired;
    }
    return match;
}

}  // namespace hub::http
