#include "http/front_door.h"

#include "http/response_head.h"
#include "http/standard_responses.h"

#include <exception>
#include <string>
#include <utility>

namespace hub::http {

FrontDoor::FrontDoor(net::LoopGroup& loops, const FrontDoorSettings& settings, Metrics& metrics,
                     Logger& logger)
    : logger_(logger),
      limits_(settings.limits),
      origins_(settings.origins),
      throttled_(logger, loops[0].clock()),
      bodies_(settings.limits.all_bodies_bytes),
      metrics_(metrics),
      workers_(settings.workers, settings.queued_requests),
      probe_worker_(1, settings.queued_requests, "probe"),
      connections_(settings.per_address, settings.in_all, loops[0].clock()),
      refusals_(metrics, logger) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        surroundings_.push_back({limits_, routes_, origins_, bodies_, workers_, probe_worker_,
                                 metrics_, logger_, throttled_, HttpDate()});
    }
    Gauge& open = metrics.gauge("hub_connections", "Open TCP connections.");
    Counter& accepted =
        metrics.counter("hub_connections_total", "TCP connections that were accepted.");
    before_read_ =
        metrics.beforeRead([this, &open, &accepted, counted = std::uint64_t{0}]() mutable {
            open.set(static_cast<double>(connections_.open()));
            const std::uint64_t admitted = connections_.admitted();
            accepted.add(admitted - std::exchange(counted, admitted));
        });
}

FrontDoor::~FrontDoor() = default;

Registration FrontDoor::route(std::string_view method, std::string_view pattern,
                              HttpHandler handler) {
    return add(std::make_shared<Route>(method, pattern, std::move(handler)));
}

Registration FrontDoor::probe(std::string_view pattern, HttpHandler handler) {
    return add(
        std::make_shared<Route>("GET", pattern, std::move(handler), Route::Worker::OfProbes));
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

void FrontDoor::accept(net::Loop& loop, net::Descriptor connection,
                       const net::SocketAddress& peer) {
    auto admitted = connections_.admit(peer);
    if (const auto* const limit = std::get_if<net::ConnectionLimiter::Limit>(&admitted)) {
        return refuse(loop, std::move(connection), peer, net::Refusals::reasonOf(*limit));
    }
    auto protocol = std::make_unique<HttpConnection>(surroundings_[loop.index()], loop);
    HttpConnection& http = *protocol;
    try {
        http.begin(net::Connection::adopt(
            loop, std::move(connection), peer.text(), std::move(protocol),
            std::move(std::get<net::ConnectionLimiter::Admission>(admitted))));
    } catch (const std::exception& error) {
        logger_.error(std::string("cannot serve a connection: ") + error.what());
    }
}

void FrontDoor::turnAway(net::Loop& loop, net::Descriptor connection,
                         const net::SocketAddress& peer) {
    refuse(loop, std::move(connection), peer, net::Refusals::Reason::Descriptors);
}

void FrontDoor::refuse(net::Loop& loop, net::Descriptor connection, const net::SocketAddress& peer,
                       net::Refusals::Reason reason) {
    refusals_.add(reason, peer.text(), loop.now());
    const HttpResponse answer = turnedAway(reason);
    const std::string_view date = surroundings_[loop.index()].date.at(loop.clock().wall());
    net::Connection::refuse(std::move(connection), responseHead(answer, {}, date) + answer.body);
}

}  // namespace hub::http
