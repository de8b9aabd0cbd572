#pragma once

#include "http/chunked_decoder.h"
#include "http/exchange.h"
#include "http/http_surroundings.h"
#include "http/stream_sender.h"
#include "hub/http.h"
#include "net/connection.h"
#include "net/timer.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace hub::http {

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

    // The piece that the stream was asked for, and how it goes on.
    void streamed(std::string_view piece, HttpStream::State state);
    // The stream was ended before it was complete.
    void cut();

    std::size_t onBytes(net::Connection& connection, std::span<char> bytes) override;
    void onWritten(net::Connection& connection) override;
    void onDrained(net::Connection& connection) override;
    void onFin(net::Connection& connection) override;
    void onEnd(net::Connection& connection, net::ConnectionEnd end) noexcept override;

private:
    enum class Phase : std::uint8_t {
        Head,    // between requests, or within a head
        Body,    // within a body
        Answer,  // a worker has the request
        Stream,  // the answer is made while it is sent
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
    void refuseUpgrade(const HttpResponse& response);
    [[nodiscard]] HttpResponse originRefused(std::string_view rule);
    void handOver();
    void answered();

    void respond(const HttpResponse& response);
    void refuse(int status, std::string_view reason);
    void refuse(RefusalReason why, const HttpResponse& response);
    void write(const HttpResponse& response);
    void complete();
    void nextRequest();
    void finish();

    void beginStream(std::shared_ptr<BodyStream> stream, StreamSender::Framing framing);

    void awaitProgress();
    void expireIn(std::chrono::milliseconds time);
    void expired();

    HttpSurroundings& surroundings_;
    net::Connection* connection_ = nullptr;
    net::Timer deadline_;
    std::shared_ptr<Exchange> exchange_;    // from a request's head to its answer's
    std::unique_ptr<StreamSender> sender_;  // from there to the body's end
    HeadProgress head_;                     // of the one that is read
    ChunkedDecoder chunks_;
    std::size_t body_left_ = 0;  // of a body with a length
    std::size_t unsent_ = 0;     // when the deadline for writing was set
    SteadyTime written_by_{};    // the last of these deadlines
    Phase phase_ = Phase::Head;
    bool keep_alive_ = false;  // behind the answer
};

}  // namespace hub::http
