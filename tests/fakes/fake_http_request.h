#pragma once

#include "hub/http.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace hub::fakes {

// A request made by hand. Names of headers are compared as they are written.
class FakeHttpRequest final : public HttpRequest {
public:
    explicit FakeHttpRequest(std::string path, std::string method = "GET")
        : method_(std::move(method)), path_(std::move(path)) {}

    FakeHttpRequest& withHeader(std::string name, std::string value) {
        headers_[std::move(name)] = std::move(value);
        return *this;
    }
    FakeHttpRequest& withoutHeader(const std::string& name) {
        headers_.erase(name);
        return *this;
    }
    FakeHttpRequest& withParameter(std::string name, std::string value) {
        parameters_[std::move(name)] = std::move(value);
        return *this;
    }
    FakeHttpRequest& withQuery(std::string name, std::string value) {
        query_[std::move(name)] = std::move(value);
        return *this;
    }

    FakeHttpRequest& withBody(std::string body) {
        body_ = std::move(body);
        return *this;
    }

    [[nodiscard]] std::string_view method() const noexcept override { return method_; }
    [[nodiscard]] std::string_view path() const noexcept override { return path_; }
    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept override {
        return find(parameters_, name).value_or("");
    }
    [[nodiscard]] std::optional<std::string_view> query(
        std::string_view name) const noexcept override {
        asked_.emplace(name);
        return find(query_, name);
    }
    // The names that `query` was called with.
    [[nodiscard]] const std::set<std::string>& queriesAsked() const noexcept { return asked_; }
    [[nodiscard]] std::optional<std::string_view> header(
        std::string_view name) const noexcept override {
        return find(headers_, name);
    }
    [[nodiscard]] std::string_view body() const noexcept override { return body_; }
    [[nodiscard]] std::string_view remoteAddress() const noexcept override {
        return "192.0.2.7:50312";
    }

private:
    using Texts = std::map<std::string, std::string, std::less<>>;

    static std::optional<std::string_view> find(const Texts& texts,
                                                std::string_view name) noexcept {
        const auto found = texts.find(name);
        if (found == texts.end()) return std::nullopt;
        return found->second;
    }

    const std::string method_;
    const std::string path_;
    Texts parameters_;
    Texts query_;
    Texts headers_;
    std::string body_;
    mutable std::set<std::string> asked_;
};

}  // namespace hub::fakes
