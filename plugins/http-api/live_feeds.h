#pragma once

#include "event_streams.h"
#include "hub/hub_services.h"
#include "hub/registration.h"
#include "live_endpoint.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace hub::http_api {

// The live events of the hub in both forms, and the one thread that serves their readers.
class LiveFeeds {
public:
    // Mounts the WebSocket form, on /api/live. `hub` must outlive it.
    explicit LiveFeeds(HubServices& hub);
    // Ends the links. The streams must have ended.
    ~LiveFeeds();
    LiveFeeds(const LiveFeeds&) = delete;
    LiveFeeds& operator=(const LiveFeeds&) = delete;

    // GET /api/events: the answer to a request for Server-Sent Events. Any thread.
    [[nodiscard]] HttpResponse streamEvents(const HttpRequest& request);

private:
    void run();
    void wake();

    // Constant after construction.
    const Clock& clock_;
    EventStreams streams_;
    LiveEndpoint links_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;

    std::thread thread_;
    Registration mounted_;
};

}  // namespace hub::http_api
