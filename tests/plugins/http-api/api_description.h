#pragma once

#include "openapi.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>

namespace hub::http_api {

// What the plugin's OpenAPI document says of each route; routes are written
// `GET /api/devices/{id}`.
class ApiDescription {
public:
    ApiDescription() {
        Poco::JSON::Parser parser;
        const auto document = parser.parse(showOpenApi().body).extract<Object::Ptr>();
        shared_ = document->getObject("components")->getObject("parameters");
        const auto paths = document->getObject("paths");
        for (const std::string& path : paths->getNames()) {
            const auto methods = paths->getObject(path);
            for (const std::string& method : methods->getNames()) {
                if (method != "parameters") describe(path, method, *methods->getObject(method));
            }
        }
    }

    [[nodiscard]] std::set<std::string> routes() const {
        std::set<std::string> names;
        for (const auto& [name, route] : routes_) names.insert(name);
        return names;
    }
    // In the query.
    [[nodiscard]] const std::set<std::string>& parameters(const std::string& route) const {
        return routes_.at(route).parameters;
    }
    // Those that the route itself answers.
    [[nodiscard]] const std::set<int>& statuses(const std::string& route) const {
        return routes_.at(route).statuses;
    }

private:
    using Object = Poco::JSON::Object;
    struct Route {
        std::set<std::string> parameters;
        std::set<int> statuses;
    };

    void describe(const std::string& path, std::string method, const Object& operation) {
        std::ranges::transform(method, method.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        Route& route = routes_[method + ' ' + path];
        for (const std::string& status : operation.getObject("responses")->getNames()) {
            if (status != "default") route.statuses.insert(std::stoi(status));
        }
        const auto parameters = operation.getArray("parameters");
        for (unsigned i = 0; parameters && i < parameters->size(); ++i) {
            const Object& parameter = resolved(*parameters->getObject(i));
            if (parameter.getValue<std::string>("in") == "query") {
                route.parameters.insert(parameter.getValue<std::string>("name"));
            }
        }
    }

    // What `{"$ref": "#/components/parameters/limit"}` stands for.
    const Object& resolved(const Object& parameter) const {
        if (!parameter.has("$ref")) return parameter;
        const auto reference = parameter.getValue<std::string>("$ref");
        return *shared_->getObject(reference.substr(reference.rfind('/') + 1));
    }

    Object::Ptr shared_;
    std::map<std::string, Route> routes_;
};

}  // namespace hub::http_api
