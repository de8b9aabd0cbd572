#pragma once

#include "hub/http.h"
#include "net/loop.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace hub::http {

class HttpConnection;
struct HttpSurroundings;
struct Route;

// An HttpStream on its way to its client: between the connection, which asks for pieces as it has
// room for them, the workers, which read one piece at a time, and whoever wakes the stream. While
// it waits it costs no thread, and it never has more than one task in the queue of the workers.
//
// Whatever touches the stream passes the gate of its route, so that nobody does once the route is
// closed.
class BodyStream : public std::enable_shared_from_this<BodyStream> {
public:
    // `name` is the request's, for the log. On a worker, within the gate of `route`, which it is
    // then to be added to.
    BodyStream(std::string name, std::shared_ptr<HttpStream> stream, std::shared_ptr<Route> route,
               net::Loop& loop, HttpSurroundings& surroundings);
    ~BodyStream() = default;
    BodyStream(const BodyStream&) = delete;
    BodyStream& operator=(const BodyStream&) = delete;

    // Pieces go to `connection` from now on, as many as it asks for. False when the route has been
    // closed meanwhile: nothing will come. Loop's thread, once.
    [[nodiscard]] bool start(HttpConnection& connection);
    // Asks for one piece of about `room` bytes, more than none. Not again before it has come.
    // Loop's thread.
    void want(std::size_t room);
    // The connection hears no more; the stream is destroyed soon, on a worker. Loop's thread.
    void stop();
    // The same for one that was never started. Any thread.
    void abandon();

private:
    friend class OpenStreams;

    void wake();
    template <class Change>
    void update(Change change);
    [[nodiscard]] bool isDue() const noexcept;
    void work();
    HttpStream::State read(std::string& piece, std::size_t room);
    void tell(std::string piece, HttpStream::State state);
    void release();
    void destroy();
    void cut();

    // Constant after construction.
    const std::string name_;
    const std::shared_ptr<Route> route_;
    net::Loop& loop_;
    HttpSurroundings& surroundings_;

    HttpConnection* connection_ = nullptr;  // loop's thread only; null before and after its time

    // The queued task's, one at a time; then of whoever closes the route.
    std::shared_ptr<HttpStream> stream_;
    bool begun_ = false;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::size_t room_ = 0;    // for a piece that the connection waits for
    bool ready_ = true;       // a read may give something
    bool queued_ = false;     // with the workers, waiting or running
    bool abandoned_ = false;  // nobody wants the rest
    bool released_ = false;   // the stream is destroyed
};

// The streams of one route that are not over. Any thread.
class OpenStreams {
public:
    void add(std::shared_ptr<BodyStream> stream);
    void remove(const std::shared_ptr<BodyStream>& stream);
    // Destroys the streams, and has their connections cut. The route's gate is closed.
    void endAll();

private:
    // Guarded by mutex_.
    std::mutex mutex_;
    std::set<std::shared_ptr<BodyStream>> streams_;
};

}  // namespace hub::http
