#pragma once

#include "fakes/fake_http_request.h"
#include "hub/http.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hub::fakes {

// Routes without a network: a test asks their handlers itself. Patterns may have one `{name}`. One
// thread.
class FakeHttpRoutes final : public HttpRoutes {
public:
    using Query = std::map<std::string, std::string, std::less<>>;

    [[nodiscard]] Registration route(std::string_view method, std::string_view pattern,
                                     HttpHandler handler) override {
        const std::pair key(std::string{method}, std::string{pattern});
        if (!handlers_.emplace(key, std::move(handler)).second) {
            throw std::logic_error("taken: " + key.first + " " + key.second);
        }
        return Registration([this, key] { handlers_.erase(key); });
    }
    [[nodiscard]] Registration probe(std::string_view pattern, HttpHandler handler) override {
        probes_.emplace(pattern);
        return route("GET", pattern, std::move(handler));
    }

    // Answers a request, with 404 where there is no route.
    [[nodiscard]] HttpResponse send(const std::string& method, const std::string& path,
                                    const Query& query = {}) const {
        FakeHttpRequest request(path, method);
        for (const auto& [name, value] : query) request.withQuery(name, value);
        return send(std::move(request));
    }
    [[nodiscard]] HttpResponse send(FakeHttpRequest request) const {
        const std::string method(request.method());
        const std::string path(request.path());
        if (const auto literal = handlers_.find({method, path}); literal != handlers_.end()) {
            return answer(*literal, request);
        }
        for (const auto& route : handlers_) {
            const auto& [of, pattern] = route.first;
            const auto segment = of == method ? segmentIn(path, pattern) : std::nullopt;
            if (!segment) continue;
            request.withParameter(segment->first, segment->second);
            return answer(route, request);
        }
        return HttpResponse::problem(404, "There is no such route.");
    }
    [[nodiscard]] HttpResponse get(const std::string& path, const Query& query = {}) const {
        return send("GET", path, query);
    }

    // Has every answer told to `witness`, with its route as `mounted` writes it.
    using Witness =
        std::function<void(const std::string&, const FakeHttpRequest&, const HttpResponse&)>;
    void watch(Witness witness) { witness_ = std::move(witness); }

    [[nodiscard]] std::size_t count() const noexcept { return handlers_.size(); }
    // `GET /api/devices/{id}` and the like.
    [[nodiscard]] std::set<std::string> mounted() const {
        std::set<std::string> routes;
        for (const auto& [key, handler] : handlers_) routes.insert(key.first + ' ' + key.second);
        return routes;
    }
    // The patterns that were mounted as probes, also those that are gone.
    [[nodiscard]] const std::set<std::string>& probes() const noexcept { return probes_; }

private:
    using Handlers = std::map<std::pair<std::string, std::string>, HttpHandler>;

    [[nodiscard]] HttpResponse answer(const Handlers::value_type& route,
                                      const FakeHttpRequest& request) const {
        HttpResponse response = route.second(request);
        if (witness_) witness_(route.first.first + ' ' + route.first.second, request, response);
        return response;
    }

    // The name of the parameter in `pattern`, and what stands for it in `path`.
    static std::optional<std::pair<std::string, std::string>> segmentIn(
        const std::string& path, const std::string& pattern) {
        const std::size_t begin = pattern.find('{');
        const std::size_t end = pattern.find('}');
        if (begin == std::string::npos) return std::nullopt;
        const std::string behind = pattern.substr(end + 1);
        if (path.size() <= begin + behind.size() || !path.ends_with(behind) ||
            path.compare(0, begin, pattern, 0, begin) != 0) {
            return std::nullopt;
        }
        const std::string segment = path.substr(begin, path.size() - behind.size() - begin);
        if (segment.find('/') != std::string::npos) return std::nullopt;
        return std::pair(pattern.substr(begin + 1, end - begin - 1), segment);
    }

    Handlers handlers_;  // by method and pattern
    std::set<std::string> probes_;
    Witness witness_;
};

}  // namespace hub::fakes
