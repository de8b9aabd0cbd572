#pragma once

#include "fakes/fake_http_request.h"
#include "hub/http.h"

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hub::fakes {

// Routes without a network: a test asks their handlers itself. GET only, by exact pattern or with
// `{id}` as the last segment. One thread.
class FakeHttpRoutes final : public HttpRoutes {
public:
    using Query = std::map<std::string, std::string, std::less<>>;

    [[nodiscard]] Registration route(std::string_view method, std::string_view pattern,
                                     HttpHandler handler) override {
        if (method != "GET") throw std::invalid_argument("only GET is expected");
        const std::string key(pattern);
        if (!handlers_.emplace(key, std::move(handler)).second) {
            throw std::logic_error("taken: " + key);
        }
        return Registration([this, key] { handlers_.erase(key); });
    }

    // Answers `path`, with 404 where there is no route.
    [[nodiscard]] HttpResponse get(const std::string& path, const Query& query = {}) const {
        FakeHttpRequest request(path);
        for (const auto& [name, value] : query) request.withQuery(name, value);
        auto found = handlers_.find(path);
        if (found == handlers_.end()) {
            const std::size_t slash = path.rfind('/');
            request.withParameter("id", path.substr(slash + 1));
            found = handlers_.find(path.substr(0, slash) + "/{id}");
        }
        if (found == handlers_.end()) return HttpResponse::problem(404, "There is no such route.");
        return found->second(request);
    }

    [[nodiscard]] std::size_t count() const noexcept { return handlers_.size(); }

private:
    std::map<std::string, HttpHandler> handlers_;  // by pattern
};

}  // namespace hub::fakes
