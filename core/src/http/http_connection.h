#pragma once

#include "http/byte_budget.h"
#include "http/chunked_decoder.h"
#include "http/exchange.h"
#include "http/response_head.h"
#include "http/route_table.h"
#include "http/worker_pool.h"
#include "hub/http.h"
#include "hub/logger.h"
#include "net/connection.h"
#include "net/timer.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace hub::http {

struct HttpLimits {
    std::size_t body_bytes = 1024 * 1024;             // of one request; a larger one: 413
    std::size_t all_bodies_bytes = 64 * 1024 * 1024;  // held at a time; past it: 503
    std::size_t output_bytes = 256 * 1024;            // unsent; past it, no further request is read
    std::chrono::milliseconds head{10'000};  // from the first byte of a request to its head's end
    std::chrono::milliseconds body{30'000};  // from there to the body's end
    std::chrono::milliseconds idle{60'000};  // without a request
    // Without progress, with that much unsent; net::Connection::drainTime bounds it all.
    std::chrono::milliseconds write{30'000};
};

// What the connections of one loop share; outlives them.
struct HttpSurroundings {
    const HttpLimits& limits;
    const RouteTable& routes;
    ByteBudget& bodies;
    WorkerPool& workers;
    Logger& logger;
    HttpDate date;
};

// HTTP/1.1 as a server speaks it on one connection (RFC 9112): one request at a time is read,
// answered, and the next is read, so pipelined ones are answered in their order. A request that
// cannot be trusted to end where it seems to is refused, and the connection closed.
//
// Loop's thread only.
class HttpConnection final : public net::Protocol {
public:
    HttpConnection(HttpSurroundings& surroundings, net::Loop& loop);
    ~HttpConnection() override;
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    // Once, with the connection that owns it.
    void begin(net::Connection& connection);

    std::size_t onBytes(net::Connection& connection, std::span<char> bytes) override;
    void onDrained(net::Connection& connection) override;
    void onEnd(net::Connection& connection, net::ConnectionEnd end) noexcept override;

private:
    enum class Phase : std::uint8_t {
        Head,    // between requests, or within a head
        Body,    // within a body
        Answer,  // a worker has the request
        Write,   // the client is to read what it asked for before it asks for more
        Over,    // closing, or speaking something else
    };

    std::size_t readHead(std::string_view bytes);
    void beginBody(bool more_is_here);
    std::size_t readBody(std::string_view bytes);
    std::size_t readChunks(std::string_view bytes);
    bool appendBody(std::string_view bytes);

    void dispatch();
    void upgrade();
    void handOver();
    void answered();

    void respond(const HttpResponse& response);
    void refuse(int status, std::string_view reason);
    void refuse(const HttpResponse& response);
    void write(const HttpResponse& response, bool keep_alive);
    void nextRequest();
    void finish();

    void awaitProgress();
    void expireIn(std::chrono::milliseconds time);
    void expired();

    HttpSurroundings& surroundings_;
    net::Connection* connection_ = nullptr;
    net::Timer deadline_;
    std::shared_ptr<Exchange> exchange_;  // from a request's head to its answer
    ChunkedDecoder chunks_;
    std::size_t body_left_ = 0;  // of a body with a length
    std::size_t unsent_ = 0;     // when the deadline for writing was set
    SteadyTime written_by_{};    // the last of these deadlines
    Phase phase_ = Phase::Head;
    bool head_begun_ = false;
};

}  // namespace hub::http
