#pragma once

#include "http/byte_budget.h"
#include "http/request_head.h"
#include "http/target.h"
#include "hub/http.h"

#include <cstddef>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::http {

// A request with all its text. One thread at a time.
class Request final : public HttpRequest {
public:
    // `budget` pays for the body and must outlive the request.
    Request(std::string_view head, std::string_view remote_address, ByteBudget& budget);
    ~Request() override;
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    // Once, before anything else is asked: what is wrong with the head, if anything.
    [[nodiscard]] std::optional<HeadRefused> parse();
    // False when the budget is spent.
    [[nodiscard]] bool appendBody(std::string_view bytes);
    // Views that live as long as the request and the route's pattern.
    void setParameters(std::vector<std::pair<std::string_view, std::string_view>> parameters);

    [[nodiscard]] const RequestHead& head() const noexcept { return head_; }
    [[nodiscard]] const Path& decodedPath() const noexcept { return path_; }

    [[nodiscard]] std::string_view method() const noexcept override { return head_.method; }
    [[nodiscard]] std::string_view path() const noexcept override { return path_.text(); }
    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept override;
    [[nodiscard]] std::optional<std::string_view> query(
        std::string_view name) const noexcept override;
    [[nodiscard]] std::optional<std::string_view> header(
        std::string_view name) const noexcept override;
    [[nodiscard]] std::string_view body() const noexcept override { return body_; }
    [[nodiscard]] std::string_view remoteAddress() const noexcept override { return address_; }

private:
    void joinRepeatedFields();

    const std::string text_;
    const std::string address_;
    ByteBudget& budget_;
    RequestHead head_;                       // views into text_ and joined_
    std::forward_list<std::string> joined_;  // the values of repeated fields
    Path path_;
    Query query_;
    std::string body_;
    std::vector<std::pair<std::string_view, std::string_view>> parameters_;
};

}  // namespace hub::http
