#pragma once

#include "ctl/hub_url.h"
#include "hub/time.h"

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::ctl {

class Interruption;

// The hub answered, with a status that is no success. The message names hub, status and the reason
// the hub gave.
class RestRefusal : public std::runtime_error {
public:
    RestRefusal(const std::string& message, int status, std::string body)
        : std::runtime_error(message), status_(status), body_(std::move(body)) {}

    [[nodiscard]] int status() const noexcept { return status_; }
    [[nodiscard]] const std::string& body() const noexcept { return body_; }

private:
    int status_;
    std::string body_;
};

// Whether what RestClient has thrown may be over when the hub is asked again: it is away, or
// answers with a server error (5xx).
[[nodiscard]] bool isPassing(const std::runtime_error& error);

// A stream ended before it was complete. The message says how, in a few words.
class StreamBroken : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// A message's header fields beside those that the client sets itself.
using Headers = std::vector<std::pair<std::string, std::string>>;

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// `path` with `parameters` as its query (RFC 3986, 3.4).
[[nodiscard]] std::string withQuery(std::string path, const QueryParameters& parameters);

// `text` as one segment of a path or one value of a query: what is not unreserved is
// percent-encoded (RFC 3986, 2.3).
[[nodiscard]] std::string percentEncoded(std::string_view text);

// Asks one hub over HTTP, one request after the other, on one thread.
class RestClient {
public:
    struct Deadlines {
        std::chrono::milliseconds connect{5'000};
        std::chrono::milliseconds answer{30'000};   // from the request to the end of its answer
        std::chrono::milliseconds silence{45'000};  // of a stream: three of the feed's heartbeats
    };

    // Connects with the first request. `interruption`, if given, may end the wait for an answer and
    // must outlive the client.
    RestClient(const HubUrl& url, const Deadlines& deadlines,
               const Interruption* interruption = nullptr);
    explicit RestClient(const HubUrl& url) : RestClient(url, Deadlines{}) {}
    ~RestClient();

    // Sends a request and returns the body of the answer; `body`, if any, is JSON. Throws
    // HubUnreachable, RestRefusal for an answer other than 2xx, Interrupted, and std::runtime_error
    // when what answers speaks no HTTP or says more than 64 MiB.
    std::string request(std::string_view method, const std::string& target,
                        std::string_view body = {}, const Headers& headers = {});
    std::string get(const std::string& target);
    // A header field of the last answer; "" where it has none such.
    [[nodiscard]] std::string header(const std::string& name) const;

    // From now on `get` asks again, for as long as `patience`, what has failed in a way that may
    // pass. `tell` hears, in a line of text, why, and when it goes on.
    void persist(SteadyTime::duration patience, std::function<void(const std::string&)> tell);

    // Sends a GET on a connection of its own, whose answer is a stream of the media type `type`,
    // and returns when it begins. Throws what `request` throws. The next request ends the stream.
    void openStream(const std::string& target, std::string_view type, const Headers& headers = {});
    // The next piece of the stream, as soon as there is one; empty at its end. Throws StreamBroken
    // when it breaks off or nothing comes for too long, and Interrupted.
    std::string readStream();

    // What to throw when the answer to a GET of `target` is not what a hub answers.
    [[nodiscard]] std::runtime_error unexpected(const std::string& target,
                                                std::string_view why) const;

private:
    struct Session;
    struct Outgoing;

    [[nodiscard]] std::unique_ptr<Session> newSession() const;
    void sleepUntil(SteadyTime time) const;
    [[nodiscard]] std::string answerTo(const Outgoing& outgoing);
    // In a handler of a Poco exception: throws what that means.
    [[noreturn]] void throwFailure(const std::string& target) const;
    [[noreturn]] void throwRefusal(const Outgoing& outgoing, std::string answer) const;

    // Constant after construction.
    const HubUrl hub_;
    const std::string url_;
    const Deadlines deadlines_;
    const Interruption* const interruption_;

    std::unique_ptr<Session> session_;
    SteadyTime::duration patience_{};
    std::function<void(const std::string&)> tell_;  // set where there is patience
};

}  // namespace hub::ctl
