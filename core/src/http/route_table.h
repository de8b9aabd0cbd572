#pragma once

#include "http/body_stream.h"
#include "http/route_pattern.h"
#include "http/upgrade.h"
#include "hub/http.h"
#include "sync/gate.h"

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hub::http {

// What answers the requests on one pattern. Shared by the table and the requests on their way to
// it, so that a request can find it closed.
struct Route {
    // Who runs the handler: see HttpRoutes.
    enum class Worker : std::uint8_t { Any, OfProbes };

    // For requests of `method`. Throws std::invalid_argument for a bad method or pattern.
    Route(std::string_view method, std::string_view pattern, HttpHandler handler,
          Worker worker = Worker::Any);
    // For upgrades.
    Route(std::string_view pattern, UpgradeHandler& handler);

    // Waits for the calls inside, then ends the streams and forgets the handler.
    void close();

    const std::string method;  // empty for upgrades
    const RoutePattern pattern;
    const Worker worker = Worker::Any;
    sync::Gate gate;  // must be passed to touch the target and the streams
    OpenStreams streams;
    std::variant<HttpHandler, UpgradeHandler*> target;
};

// The route that answers a request, or what says why there is none.
struct RouteMatch {
    enum class Kind : std::uint8_t {
        Found,
        NotFound,         // 404
        WrongMethod,      // 405 with `allow`
        UpgradeRequired,  // 426
    };

    Kind kind = Kind::NotFound;
    std::shared_ptr<Route> route;
    bool without_prefix = false;  // the path leaves out the pattern's `/api`
    std::string allow;            // the methods that the path answers
};

// The routes of the hub. Of the patterns that fit a path, the one with a literal segment where the
// other has a parameter comes first, from the left; one that lacks the method is passed over. Any
// thread.
class RouteTable {
public:
    // Throws std::logic_error when its method is taken on its pattern.
    void add(std::shared_ptr<Route> route);
    void remove(const Route& route);

    // What the client asked for: routes for upgrades are considered for who asks for one only, and
    // come first then.
    enum class Wanted : std::uint8_t { Answer, UpgradeIfAny };

    [[nodiscard]] RouteMatch find(std::string_view method, const Path& path, Wanted wanted) const;

private:
    struct Entry {
        std::shared_ptr<Route> route;
        bool without_prefix = false;
    };
    static bool precedes(const Entry& a, const Entry& b);

    mutable std::shared_mutex mutex_;
    std::vector<Entry> entries_;  // guarded by mutex_; the one to prefer first
};

}  // namespace hub::http
