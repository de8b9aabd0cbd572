#include "ctl/live_events.h"

#include "ctl/json_object.h"
#include "ctl/printable.h"

#include <stdexcept>
#include <utility>

namespace hub::ctl {

namespace {

constexpr std::size_t kMaxEvent = 4 * 1024 * 1024;  // bytes

std::string targetFor(const std::string& filter, const std::string& since) {
    QueryParameters parameters{{"topic", filter}};
    if (!since.empty()) parameters.emplace_back("since", since);
    return withQuery("/api/events", parameters);
}

}  // namespace

LiveEvents::LiveEvents(const HubUrl& url, const std::string& filter, const std::string& since,
                       const Interruption& interruption,
                       std::function<void(const std::string&)> tell)
    : target_(targetFor(filter, since)),
      tell_(std::move(tell)),
      interruption_(interruption),
      client_(url, RestClient::Deadlines{}, &interruption) {}

void LiveEvents::open() {
    Headers headers{{"Cache-Control", "no-store"}};
    if (!resume_behind_.empty()) headers.emplace_back("Last-Event-ID", resume_behind_);
    client_.openStream(target_, "text/event-stream", headers);
    parser_ = {};
    gave_ = false;
}

std::optional<StreamEvent> LiveEvents::next() {
    for (;;) {
        if (auto event = parser_.next()) {
            if (event->name == "lagged" && takeLag(*event)) {
                reopen();
                return std::nullopt;
            }
            if (!parser_.lastId().empty()) resume_behind_ = parser_.lastId();
            gave_ = true;
            return event;
        }
        if (const std::string why = whyBroken(); !why.empty()) {
            tell_("the feed broke off: " + why);
            reopen();
            return std::nullopt;
        }
    }
}

// Takes the next piece of the stream; "" when there was one.
std::string LiveEvents::whyBroken() {
    try {
        const std::string piece = client_.readStream();
        if (piece.empty()) return "the connection ended";
        parser_.take(piece);
    } catch (const StreamBroken& broken) {
        return broken.what();
    }
    if (parser_.pending() > kMaxEvent) throw client_.unexpected(target_, "an event has no end");
    return {};
}

// Opens the stream again, as soon as there is a hub that can.
void LiveEvents::reopen() {
    for (;;) {
        if (!std::exchange(gave_, false)) {
            interruption_.sleepUntil(std::chrono::steady_clock::now() + kRetry);
        }
        try {
            open();
            break;
        } catch (const std::runtime_error& error) {
            if (!isPassing(error)) throw;
        }
    }
    tell_(resume_behind_.empty() ? "going on with what happens from now on"
                                 : "going on behind event " + printable(resume_behind_));
}

// False for what a device has given that name, which tells no number to resume from.
bool LiveEvents::takeLag(const StreamEvent& event) {
    const auto fields = JsonObject::read(event.data);
    const std::string_view behind = fields ? fields->text("resume_from") : std::string_view();
    if (behind.empty() || behind.find_first_not_of("0123456789") != std::string_view::npos) {
        return false;
    }
    resume_behind_ = behind;
    tell_("too slow for the live feed");
    return true;
}

}  // namespace hub::ctl
