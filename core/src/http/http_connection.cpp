#include "http/http_connection.h"

#include "http/standard_responses.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace hub::http {
namespace {

// Of a path as long as a request may have.
constexpr std::size_t kMaxLoggedPath = 256;

RefusalReason reasonOf(int status) {
    const bool is_too_large = status == 413 || status == 414 || status == 431;
    return is_too_large ? RefusalReason::TooLarge : RefusalReason::BadRequest;
}

}  // namespace

HttpConnection::HttpConnection(HttpSurroundings& surroundings, net::Loop& loop)
    : surroundings_(surroundings), deadline_(loop, [this] { expired(); }) {
    surroundings_.metrics.connectionOpened();
}

HttpConnection::~HttpConnection() {
    if (exchange_) exchange_->connection = nullptr;
    surroundings_.metrics.connectionClosed();
}

void HttpConnection::begin(net::Connection& connection) {
    connection_ = &connection;
    expireIn(surroundings_.limits.idle);
}

std::size_t HttpConnection::onBytes(net::Connection& connection, std::span<char> bytes) {
    const std::string_view text(bytes.data(), bytes.size());
    std::size_t taken = 0;
    while (taken < text.size() && !connection.paused()) {
        std::size_t count = 0;
        if (phase_ == Phase::Head) {
            count = readHead(text.substr(taken));
        } else if (phase_ == Phase::Body) {
            count = readBody(text.substr(taken));
        }
        if (count == 0) break;
        taken += count;
    }
    return taken;
}

void HttpConnection::onWritten(net::Connection& /*connection*/) {
    if (phase_ == Phase::Stream) sender_->onWritten();
}

void HttpConnection::onDrained(net::Connection& /*connection*/) {
    if (phase_ == Phase::Stream) sender_->onDrained();
    if (phase_ == Phase::Write) nextRequest();
}

void HttpConnection::onFin(net::Connection& /*connection*/) {
    if (phase_ == Phase::Stream) sender_->onFin();
}

void HttpConnection::onEnd(net::Connection& /*connection*/, net::ConnectionEnd /*end*/) noexcept {
    phase_ = Phase::Over;
    deadline_.disarm();
}

std::size_t HttpConnection::readHead(std::string_view bytes) {
    const bool begins = head_.searched == 0;
    const auto found = findHeadEnd(bytes, head_);
    if (const auto* const refused = std::get_if<HeadRefused>(&found)) {
        refuse(refused->status, refused->reason);
        return 0;
    }
    if (std::holds_alternative<HeadIncomplete>(found)) {
        if (begins) expireIn(surroundings_.limits.head);
        return 0;
    }
    const auto length = static_cast<std::size_t>(std::get<HeadEnd>(found));
    exchange_ = std::make_shared<Exchange>(bytes.substr(0, length), connection_->remoteAddress(),
                                           surroundings_.bodies, *this);
    exchange_->begun = connection_->loop().now();
    if (const auto refused = exchange_->request.parse()) {
        refuse(refused->status, refused->reason);
        return 0;
    }
    beginBody(bytes.size() > length);
    return length;
}

void HttpConnection::beginBody(bool more_is_here) {
    const RequestHead& head = exchange_->request.head();
    if (!head.hasBody()) return dispatch();
    if (head.content_length.value_or(0) > surroundings_.limits.body_bytes) {
        return refuse(RefusalReason::TooLarge, tooLarge(surroundings_.limits.body_bytes));
    }
    phase_ = Phase::Body;
    body_left_ = head.content_length.value_or(0);
    chunks_ = ChunkedDecoder{};
    expireIn(surroundings_.limits.body);
    if (head.expects_continue && !more_is_here) connection_->send("HTTP/1.1 100 Continue\r\n\r\n");
}

std::size_t HttpConnection::readBody(std::string_view bytes) {
    if (exchange_->request.head().chunked) return readChunks(bytes);
    const std::string_view body = bytes.substr(0, body_left_);
    if (!appendBody(body)) return 0;
    body_left_ -= body.size();
    if (body_left_ == 0) dispatch();
    return body.size();
}

std::size_t HttpConnection::readChunks(std::string_view bytes) {
    const ChunkedDecoder::Step step = chunks_.decode(bytes);
    if (!appendBody(step.bytes)) return 0;
    switch (step.state) {
        case ChunkedDecoder::State::More:
            return step.taken;
        case ChunkedDecoder::State::Done:
            dispatch();
            return step.taken;
        case ChunkedDecoder::State::Bad:
            refuse(400, "The body's chunked coding is broken.");
            return 0;
    }
    return 0;
}

// False when the request was refused for it.
bool HttpConnection::appendBody(std::string_view bytes) {
    Request& request = exchange_->request;
    if (request.body().size() + bytes.size() > surroundings_.limits.body_bytes) {
        refuse(RefusalReason::TooLarge, tooLarge(surroundings_.limits.body_bytes));
        return false;
    }
    if (request.appendBody(bytes)) return true;
    refuse(RefusalReason::Busy, busy("The hub holds as many request bodies as it may: try again."));
    return false;
}

void HttpConnection::dispatch() {
    Request& request = exchange_->request;
    const RequestHead& head = request.head();
    // The body has been read: the connection goes on.
    if (isForeignChange(request, surroundings_.origins)) {
        return respond(originRefused("may only read here"));
    }
    using Wanted = RouteTable::Wanted;
    const Wanted wanted =
        !head.http_1_0 && head.find("upgrade") ? Wanted::UpgradeIfAny : Wanted::Answer;
    RouteMatch match = surroundings_.routes.find(head.method, request.decodedPath(), wanted);
    if (match.kind != RouteMatch::Kind::Found) {
        return respond(unrouted(request, match, surroundings_.origins));
    }
    request.setParameters(
        match.route->pattern.parameters(request.decodedPath(), match.without_prefix ? 1 : 0));
    exchange_->route = std::move(match.route);
    if (exchange_->route->method.empty()) return upgrade();
    handOver();
}

void HttpConnection::upgrade() {
    // Responding ends the exchange, but the route must outlast the pass through its gate.
    const std::shared_ptr<Route> route = exchange_->route;
    const Request& request = exchange_->request;
    if (isForeignUpgrade(request, surroundings_.origins)) {
        return refuseUpgrade(originRefused("may open no WebSocket here"));
    }
    // What follows the head would be a body to one reader and the new protocol to another.
    if (request.head().hasBody()) return refuse(400, "An upgrade request may not have a body.");
    const auto inside = route->gate.enter();
    if (!inside) return respond(removed());
    std::variant<Upgrade, HttpResponse> result;
    try {
        result = std::get<UpgradeHandler*>(route->target)->upgrade(request, *connection_);
    } catch (...) {
        result = failed(request, surroundings_.logger);
    }
    if (const auto* response = std::get_if<HttpResponse>(&result)) return refuseUpgrade(*response);
    auto& accepted = std::get<Upgrade>(result);
    phase_ = Phase::Over;
    deadline_.disarm();
    connection_->send(accepted.response_head);
    connection_->become(std::move(accepted.protocol));
}

// The log tells: whoever misses a device finds it there.
void HttpConnection::refuseUpgrade(const HttpResponse& response) {
    const Request& request = exchange_->request;
    std::string line = "refused a WebSocket link at ";
    line.append(request.path().substr(0, kMaxLoggedPath)).append(" from ");
    line.append(request.remoteAddress()).append(": ").append(response.body);
    surroundings_.throttled.warning(line);
    respond(response);
}

HttpResponse HttpConnection::originRefused(std::string_view rule) {
    surroundings_.metrics.refused(RefusalReason::Origin);
    return foreignOrigin(exchange_->request, rule);
}

void HttpConnection::handOver() {
    auto task = [exchange = exchange_, &loop = connection_->loop(),
                 &surroundings = surroundings_]() mutable {
        answer(*exchange, loop, surroundings);
        // Moved, so that the request goes, and what it holds is free, before the answer leaves.
        loop.post([exchange = std::move(exchange)] {
            if (exchange->connection != nullptr) exchange->connection->answered();
        });
    };
    const bool is_probe = exchange_->route->worker == Route::Worker::OfProbes;
    WorkerPool& workers = is_probe ? surroundings_.probe_worker : surroundings_.workers;
    if (!workers.submit(std::move(task))) {
        surroundings_.metrics.refused(RefusalReason::Busy);
        return respond(busy("More requests wait than the hub may hold: try again."));
    }
    phase_ = Phase::Answer;
    deadline_.disarm();
    connection_->pause();
}

void HttpConnection::answered() {
    if (phase_ == Phase::Answer) respond(exchange_->response);
}

void HttpConnection::respond(const HttpResponse& response) {
    const RequestHead& head = exchange_->request.head();
    // HTTP/1.0 knows no chunks: only the connection's end tells that of a stream.
    using Framing = StreamSender::Framing;
    const Framing framing = head.http_1_0 ? Framing::ToTheClose : Framing::Chunked;
    keep_alive_ = head.keep_alive && (framing == Framing::Chunked || !exchange_->streamed);
    write(response);
    // Not the time of the turn: a fast answer comes in the turn of its request.
    surroundings_.metrics.took(connection_->loop().clock().steady() - exchange_->begun);
    std::shared_ptr<BodyStream> stream = std::move(exchange_->stream);
    exchange_.reset();
    if (stream) return beginStream(std::move(stream), framing);
    complete();
}

// The answer is written, if perhaps not sent.
void HttpConnection::complete() {
    if (!keep_alive_) return finish();
    if (connection_->queued() <= surroundings_.limits.output_bytes) return nextRequest();
    phase_ = Phase::Write;
    written_by_ = connection_->loop().now() + net::Connection::drainTime(connection_->queued());
    connection_->pause();
    awaitProgress();
}

void HttpConnection::awaitProgress() {
    unsent_ = connection_->queued();
    deadline_.arm(std::min(connection_->loop().now() + surroundings_.limits.write, written_by_));
}

void HttpConnection::refuse(int status, std::string_view reason) {
    refuse(reasonOf(status), HttpResponse::problem(status, reason));
}

void HttpConnection::refuse(RefusalReason why, const HttpResponse& response) {
    surroundings_.metrics.refused(why);
    keep_alive_ = false;
    write(response);
    finish();
}

void HttpConnection::write(const HttpResponse& response) {
    ResponseFraming framing;
    framing.keep_alive = keep_alive_;
    framing.varies_by_origin = surroundings_.origins.any();
    std::string_view method;
    if (exchange_) {
        const RequestHead& head = exchange_->request.head();
        method = head.method;
        framing.http_1_0 = head.http_1_0;
        framing.streamed = exchange_->streamed;
        const auto origin = framing.varies_by_origin ? head.find("origin") : std::nullopt;
        if (origin && surroundings_.origins.allows(*origin)) framing.allowed_origin = *origin;
    }
    const Timestamp now = connection_->loop().clock().wall();
    connection_->send(responseHead(response, framing, surroundings_.date.at(now)));
    const bool has_body = method != "HEAD" && mayHaveBody(response.status) && !framing.streamed;
    if (has_body) connection_->send(response.body);
    surroundings_.metrics.responded(method, response.status);
}

void HttpConnection::beginStream(std::shared_ptr<BodyStream> stream,
                                 StreamSender::Framing framing) {
    phase_ = Phase::Stream;
    connection_->resume();
    connection_->pause(net::Connection::AtFin::Tell);
    sender_ =
        std::make_unique<StreamSender>(std::move(stream), framing, *connection_, surroundings_);
    sender_->begin(*this);
}

void HttpConnection::streamed(std::string_view piece, HttpStream::State state) {
    if (phase_ != Phase::Stream || !sender_->take(piece, state)) return;
    sender_.reset();
    connection_->resume();
    complete();
}

void HttpConnection::cut() { connection_->abort(); }

void HttpConnection::nextRequest() {
    phase_ = Phase::Head;
    head_ = {};
    expireIn(surroundings_.limits.idle);
    connection_->resume();
}

void HttpConnection::finish() {
    phase_ = Phase::Over;
    exchange_.reset();
    deadline_.disarm();
    connection_->close();
}

void HttpConnection::expireIn(std::chrono::milliseconds time) {
    deadline_.arm(connection_->loop().now() + time);
}

void HttpConnection::expired() {
    switch (phase_) {
        case Phase::Head:
            if (head_.searched == 0) return finish();
            return refuse(RefusalReason::HeadTimeout,
                          HttpResponse::problem(408, "The request head did not come in time."));
        case Phase::Body:
            return refuse(RefusalReason::BodyTimeout,
                          HttpResponse::problem(408, "The request body did not come in time."));
        case Phase::Write:
            if (connection_->queued() == unsent_ || connection_->loop().now() >= written_by_) {
                surroundings_.metrics.refused(RefusalReason::SlowReader);
                return connection_->abort();
            }
            return awaitProgress();
        case Phase::Answer:
        case Phase::Stream:
        case Phase::Over:
            return;
    }
}

}  // namespace hub::http
