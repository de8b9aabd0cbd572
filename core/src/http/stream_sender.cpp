#include "http/stream_sender.h"

#include <array>
#include <charconv>
#include <utility>

namespace hub::http {

StreamSender::StreamSender(std::shared_ptr<BodyStream> stream, Framing framing,
                           net::Connection& connection, HttpSurroundings& surroundings)
    : stream_(std::move(stream)),
      framing_(framing),
      connection_(connection),
      surroundings_(surroundings),
      deadline_(connection.loop(), [this] { expired(); }) {}

StreamSender::~StreamSender() { stream_->stop(); }

void StreamSender::begin(HttpConnection& owner) {
    if (!stream_->start(owner)) return connection_.abort();
    awaitProgress();
    ask();
}

bool StreamSender::take(std::string_view piece, HttpStream::State state) {
    asked_ = false;
    if (!piece.empty()) send(piece);
    switch (state) {
        case HttpStream::State::More:
        case HttpStream::State::Waiting:
            ask();
            return false;
        case HttpStream::State::End:
            if (framing_ == Framing::Chunked) connection_.send("0\r\n\r\n");
            return true;
        case HttpStream::State::Failed:
            connection_.abort();
            return false;
    }
    return false;
}

void StreamSender::onWritten() {
    awaitProgress();
    ask();
}

// A stream may wait for as long as it likes, but for a client that has finished sending no longer
// than a client may be idle: it is gone, as far as anybody can tell who sends it nothing.
void StreamSender::onDrained() {
    deadline_.disarm();
    if (client_finished_) deadline_.arm(connection_.loop().now() + surroundings_.limits.idle);
}

void StreamSender::onFin() {
    client_finished_ = true;
    if (connection_.queued() == 0) onDrained();
}

void StreamSender::expired() {
    if (connection_.queued() > 0) surroundings_.metrics.refused(RefusalReason::SlowReader);
    connection_.abort();
}

// Half of the room is enough to ask, so that one piece is read while another is sent.
void StreamSender::ask() {
    const std::size_t limit = surroundings_.limits.output_bytes;
    if (asked_ || connection_.queued() > limit / 2) return;
    asked_ = true;
    stream_->want(limit - connection_.queued());
}

void StreamSender::send(std::string_view piece) {
    if (connection_.queued() == 0) awaitProgress();
    if (framing_ == Framing::ToTheClose) return connection_.send(piece);
    std::array<char, 2 * sizeof(std::size_t)> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), piece.size(), 16).ptr;
    connection_.send({digits.data(), static_cast<std::size_t>(end - digits.data())});
    connection_.send("\r\n");
    connection_.send(piece);
    connection_.send("\r\n");
}

void StreamSender::awaitProgress() {
    deadline_.arm(connection_.loop().now() + surroundings_.limits.write);
}

}  // namespace hub::http
