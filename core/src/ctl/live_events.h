#pragma once

#include "ctl/event_stream.h"
#include "ctl/hub_url.h"
#include "ctl/interruption.h"
#include "ctl/rest_client.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace hub::ctl {

// The hub's live events that match a topic filter, read from `/api/events`. A stream that breaks
// off or lags is opened again, behind the last event that it gave; the hub then tells what came
// meanwhile. One thread.
class LiveEvents {
public:
    // After a stream that gave nothing, the next try waits so long.
    static constexpr std::chrono::seconds kRetry{1};

    // `since`: a number, the events behind which are wanted; "": those from now on. `tell` hears,
    // in a sentence without a full stop, of each break and how it went on. `interruption` must
    // outlive it.
    LiveEvents(const HubUrl& url, const std::string& filter, const std::string& since,
               const Interruption& interruption, std::function<void(const std::string&)> tell);

    // Opens the stream: what happens once this has returned is not missed. Throws what RestClient
    // throws.
    void open();

    // Waits for the next event. Nothing when the stream broke off and is open again: events may
    // have been missed if none was given before. Throws Interrupted, and what RestClient throws
    // when the hub does not want to go on; a hub that is away is waited for.
    [[nodiscard]] std::optional<StreamEvent> next();

private:
    [[nodiscard]] std::string whyBroken();
    void reopen();
    [[nodiscard]] bool takeLag(const StreamEvent& event);

    // Constant after construction.
    const std::string target_;
    const std::function<void(const std::string&)> tell_;
    const Interruption& interruption_;

    RestClient client_;
    EventStreamParser parser_;   // of the stream that is open
    std::string resume_behind_;  // the number; "" before the first event
    bool gave_ = false;          // this stream an event
};

}  // namespace hub::ctl
