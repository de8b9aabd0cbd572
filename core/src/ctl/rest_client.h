#pragma once

#include "ctl/hub_url.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::ctl {

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
        std::chrono::milliseconds answer{30'000};  // from the request to the end of its answer
    };

    // Connects with the first request.
    RestClient(const HubUrl& url, const Deadlines& deadlines);
    explicit RestClient(const HubUrl& url) : RestClient(url, Deadlines{}) {}
    ~RestClient();

    // Sends a request without a body and returns the body of the answer. Throws HubUnreachable,
    // RestRefusal for an answer other than 2xx, and std::runtime_error when what answers speaks no
    // HTTP or says more than 64 MiB.
    std::string request(std::string_view method, const std::string& target);
    std::string get(const std::string& target) { return request("GET", target); }

    // What to throw when the answer to a GET of `target` is not what a hub answers.
    [[nodiscard]] std::runtime_error unexpected(const std::string& target,
                                                std::string_view why) const;

private:
    struct Session;

    std::string exchange(std::string_view method, const std::string& target, int& status);

    // Constant after construction.
    const std::string url_;
    const Deadlines deadlines_;

    std::unique_ptr<Session> session_;
};

}  // namespace hub::ctl
