#pragma once

#include "http/body_stream.h"
#include "http/http_surroundings.h"
#include "hub/http.h"
#include "net/connection.h"
#include "net/timer.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace hub::http {

// Sends one stream on a connection: asks for a piece when the client has taken most of what was
// sent before, and gives up a client that takes nothing. Loop's thread only.
class StreamSender {
public:
    // How the client tells where the body ends.
    enum class Framing : std::uint8_t {
        Chunked,     // RFC 9112, 7.1
        ToTheClose,  // of the connection
    };

    StreamSender(std::shared_ptr<BodyStream> stream, Framing framing, net::Connection& connection,
                 HttpSurroundings& surroundings);
    // The stream is destroyed soon, on a worker.
    ~StreamSender();
    StreamSender(const StreamSender&) = delete;
    StreamSender& operator=(const StreamSender&) = delete;

    // Begins with the stream, for `owner`, who passes on what comes.
    void begin(HttpConnection& owner);
    // A piece that was asked for, and how the stream goes on. True when that was all.
    [[nodiscard]] bool take(std::string_view piece, HttpStream::State state);

    // As of net::Protocol.
    void onWritten();
    void onDrained();
    void onFin();

private:
    void ask();
    void send(std::string_view piece);
    void awaitProgress();
    void expired();

    const std::shared_ptr<BodyStream> stream_;
    const Framing framing_;
    net::Connection& connection_;
    HttpSurroundings& surroundings_;
    net::Timer deadline_;  // of the client; while it has taken everything, only after its FIN
    bool asked_ = false;
    bool client_finished_ = false;
};

}  // namespace hub::http
