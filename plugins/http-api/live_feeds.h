#pragma once

#include "event_streams.h"
#include "hub/hub_services.h"
#include "hub/registration.h"
#include "live_endpoint.h"
#include "serving_thread.h"

namespace hub::http_api {

// The live events of the hub in both forms, and the threads that serve their readers.
class LiveFeeds {
public:
    // Mounts the WebSocket form, on /api/live. `hub` must outlive it.
    explicit LiveFeeds(HubServices& hub);
    // Ends the links. The streams must have ended.
    ~LiveFeeds() = default;
    LiveFeeds(const LiveFeeds&) = delete;
    LiveFeeds& operator=(const LiveFeeds&) = delete;

    // GET /api/events: the answer to a request for Server-Sent Events. Any thread.
    [[nodiscard]] HttpResponse streamEvents(const HttpRequest& request);

private:
    void wake(LiveEndpoint::Stage stage);

    EventStreams streams_;
    LiveEndpoint links_;
    ServingThread live_;         // the streams too, which are read elsewhere
    ServingThread catching_up_;  // may wait for the database
    Registration mounted_;
};

}  // namespace hub::http_api
