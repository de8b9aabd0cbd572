#pragma once

#include "http/http_connection.h"
#include "http/http_metrics.h"
#include "http/http_surroundings.h"
#include "http/origins.h"
#include "http/route_table.h"
#include "http/upgrade.h"
#include "http/worker_pool.h"
#include "hub/http.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/registration.h"
#include "net/connection_limiter.h"
#include "net/loop_group.h"
#include "net/refusals.h"
#include "net/service.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub::http {

struct FrontDoorSettings {
    std::size_t workers = 4;
    // Complete ones that wait for a worker, and as many that wait for that of the probes; past it:
    // 503.
    std::size_t queued_requests = 1024;
    HttpLimits limits;
    std::vector<std::string> origins;  // whose pages may use the hub: see Origins
    net::AddressLimits per_address;
    net::TotalLimits in_all;
};

// The hub's one HTTP port: requests are read on the I/O threads, and complete ones answered by a
// few workers, but for probes, which have one of their own. A client that is idle, or has sent half
// a request, costs its buffer and no thread.
//
// Whoever comes is judged in `accept`, and each request where it is matched with its route: the
// places for TLS and for credentials.
//
// Must outlive its registrations and the running of the loops: stop the loops, then destroy it,
// then destroy them.
class FrontDoor final : public HttpRoutes, public net::Service {
public:
    FrontDoor(net::LoopGroup& loops, const FrontDoorSettings& settings, Metrics& metrics,
              Logger& logger);
    // Waits for the handlers that run; requests that wait for a worker are dropped.
    ~FrontDoor() override;
    FrontDoor(const FrontDoor&) = delete;
    FrontDoor& operator=(const FrontDoor&) = delete;

    [[nodiscard]] Registration route(std::string_view method, std::string_view pattern,
                                     HttpHandler handler) override;
    [[nodiscard]] Registration probe(std::string_view pattern, HttpHandler handler) override;

    // Offers requests with an `Upgrade` header on paths that match `pattern` to `handler`; others
    // that no route takes are answered 426, and those of a page that may not use the hub 403 (see
    // isForeignUpgrade). Throws like `route`. Any thread.
    [[nodiscard]] Registration mountUpgrade(std::string_view pattern, UpgradeHandler& handler);

    // Where whoever takes an upgraded connection notes whom it turns away. Any thread.
    [[nodiscard]] net::Refusals& refusals() noexcept { return refusals_; }

    // The loop is one of the group.
    void accept(net::Loop& loop, net::Descriptor connection,
                const net::SocketAddress& peer) override;
    void turnAway(net::Loop& loop, net::Descriptor connection,
                  const net::SocketAddress& peer) override;

private:
    void refuse(net::Loop& loop, net::Descriptor connection, const net::SocketAddress& peer,
                net::Refusals::Reason reason);
    Registration add(std::shared_ptr<Route> route);

    // Constant after construction.
    Logger& logger_;
    const HttpLimits limits_;
    const Origins origins_;

    // Shared by the threads, which they know how to be.
    ThrottledLogger throttled_;
    RouteTable routes_;
    ByteBudget bodies_;
    HttpMetrics metrics_;
    WorkerPool workers_;
    WorkerPool probe_worker_;
    net::ConnectionLimiter connections_;
    net::Refusals refusals_;

    // By the loop's index: constant after construction, each element its loop's.
    std::vector<HttpSurroundings> surroundings_;

    Registration before_read_;  // of the metrics; goes first
};

}  // namespace hub::http
