#include "http_api_fixture.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace hub::http_api {
namespace {

class OpenApi : public HttpApi {
protected:
    // `GET /api/devices/{id}` and the like.
    std::set<std::string> described() {
        std::set<std::string> routes;
        const auto paths = json("/api/openapi.json")->getObject("paths");
        for (const std::string& path : paths->getNames()) {
            for (std::string method : paths->getObject(path)->getNames()) {
                if (method == "parameters") continue;
                std::ranges::transform(method, method.begin(), [](unsigned char c) {
                    return static_cast<char>(std::toupper(c));
                });
                routes.insert(method + ' ' + path);
            }
        }
        return routes;
    }
};

TEST_F(OpenApi, DescribesTheRoutesThatAreMountedAndNoOthers) {
    std::set<std::string> mounted = hub_.routes().mounted();
    mounted.insert("GET " + web_sockets_.pattern());
    EXPECT_EQ(described(), mounted);
}

TEST_F(OpenApi, IsOfVersion31AndIsNotSentTwice) {
    const HttpResponse response = get("/api/openapi.json");
    EXPECT_TRUE(parsed(response)->getValue<std::string>("openapi").starts_with("3.1."));
    EXPECT_EQ(response.headers.front(), std::pair(std::string("ETag"), entityTagOf(response.body)));
}

}  // namespace
}  // namespace hub::http_api
