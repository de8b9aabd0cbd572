#include "http/front_door.h"

#include <exception>
#include <utility>

namespace hub::http {

FrontDoor::FrontDoor(net::LoopGroup& loops, const FrontDoorSettings& settings, Logger& logger)
    : logger_(logger),
      limits_(settings.limits),
      bodies_(settings.limits.all_bodies_bytes),
      workers_(settings.workers, settings.queued_requests) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        surroundings_.push_back({limits_, routes_, bodies_, workers_, logger_, HttpDate()});
    }
}

FrontDoor::~FrontDoor() = default;

Registration FrontDoor::route(std::string_view method, std::string_view pattern,
                              HttpHandler handler) {
    return add(std::make_shared<Route>(method, pattern, std::move(handler)));
}

Registration FrontDoor::mountUpgrade(std::string_view pattern, UpgradeHandler& handler) {
    return add(std::make_shared<Route>(pattern, handler));
}

Registration FrontDoor::add(std::shared_ptr<Route> route) {
    routes_.add(route);
    return Registration{[this, route = std::move(route)] {
        routes_.remove(*route);
        route->close();
    }};
}

void FrontDoor::accept(net::Loop& loop, int descriptor, std::string address) {
    auto protocol = std::make_unique<HttpConnection>(surroundings_[loop.index()], loop);
    HttpConnection& connection = *protocol;
    try {
        connection.begin(
            net::Connection::adopt(loop, descriptor, std::move(address), std::move(protocol)));
    } catch (const std::exception& error) {
        logger_.error(std::string("cannot serve a connection: ") + error.what());
    }
}

}  // namespace hub::http
