#include "http/body_stream.h"

#include "http/exchange.h"
#include "http/http_connection.h"
#include "http/http_surroundings.h"
#include "http/route_table.h"

#include <utility>

namespace hub::http {

BodyStream::BodyStream(std::string name, std::shared_ptr<HttpStream> stream,
                       std::shared_ptr<Route> route, net::Loop& loop,
                       HttpSurroundings& surroundings)
    : name_(std::move(name)),
      route_(std::move(route)),
      loop_(loop),
      surroundings_(surroundings),
      stream_(std::move(stream)) {
    surroundings_.metrics.streamOpened();
}

// Within the gate: whoever closes the route later finds the connection and has it cut.
bool BodyStream::start(HttpConnection& connection) {
    const auto inside = route_->gate.enter();
    if (!inside) return false;
    connection_ = &connection;
    return true;
}

void BodyStream::want(std::size_t room) {
    update([this, room] { room_ = room; });
}

void BodyStream::stop() {
    connection_ = nullptr;
    abandon();
}

void BodyStream::abandon() {
    update([this] { abandoned_ = true; });
}

void BodyStream::wake() {
    update([this] { ready_ = true; });
}

template <class Change>
void BodyStream::update(Change change) {
    const auto inside = route_->gate.enter();
    if (!inside) return;
    {
        const std::lock_guard lock(mutex_);
        change();
        if (queued_ || !isDue()) return;
        queued_ = true;
    }
    surroundings_.workers.post([self = shared_from_this()] { self->work(); });
}

// Under the lock.
bool BodyStream::isDue() const noexcept {
    return !released_ && (abandoned_ || (ready_ && room_ > 0));
}

// The queued task: reads one piece, or destroys a stream that nobody wants.
void BodyStream::work() {
    const auto inside = route_->gate.enter();
    if (!inside) return;
    std::size_t room = 0;
    bool is_wanted = false;
    {
        const std::lock_guard lock(mutex_);
        room = std::exchange(room_, 0);
        ready_ = false;
        is_wanted = !abandoned_;
    }
    if (!is_wanted) return release();

    std::string piece;
    const HttpStream::State state = read(piece, room);
    const bool is_over = state == HttpStream::State::End || state == HttpStream::State::Failed;
    if (is_over) release();
    const bool is_answer = is_over || state == HttpStream::State::More || !piece.empty();
    if (is_answer) tell(std::move(piece), state);
    {
        const std::lock_guard lock(mutex_);
        if (!is_answer) room_ = room;
        if (state == HttpStream::State::More) ready_ = true;
        queued_ = isDue();
        if (!queued_) return;
    }
    surroundings_.workers.post([self = shared_from_this()] { self->work(); });
}

HttpStream::State BodyStream::read(std::string& piece, std::size_t room) {
    try {
        if (!std::exchange(begun_, true)) {
            stream_->begin([weak = weak_from_this()] {
                if (const auto self = weak.lock()) self->wake();
            });
        }
        return stream_->read(piece, room);
    } catch (...) {
        logFailure(name_, surroundings_.logger);
        return HttpStream::State::Failed;
    }
}

void BodyStream::tell(std::string piece, HttpStream::State state) {
    loop_.post([self = shared_from_this(), piece = std::move(piece), state] {
        if (self->connection_ != nullptr) self->connection_->streamed(piece, state);
    });
}

// Within the gate, by the queued task: the destructor of a stream may take its time.
void BodyStream::release() {
    {
        const std::lock_guard lock(mutex_);
        released_ = true;
    }
    destroy();
    route_->streams.remove(shared_from_this());
}

void BodyStream::destroy() {
    surroundings_.metrics.streamClosed();
    stream_.reset();
}

void BodyStream::cut() {
    destroy();
    loop_.post([self = shared_from_this()] {
        if (self->connection_ != nullptr) self->connection_->cut();
    });
}

void OpenStreams::add(std::shared_ptr<BodyStream> stream) {
    const std::lock_guard lock(mutex_);
    streams_.insert(std::move(stream));
}

void OpenStreams::remove(const std::shared_ptr<BodyStream>& stream) {
    const std::lock_guard lock(mutex_);
    streams_.erase(stream);
}

void OpenStreams::endAll() {
    std::set<std::shared_ptr<BodyStream>> ending;
    {
        const std::lock_guard lock(mutex_);
        ending.swap(streams_);
    }
    for (const auto& stream : ending) stream->cut();
}

}  // namespace hub::http
