#include "http_api_fixture.h"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>
namespace hub::http_api {
namespace {

class OpenApi : public HttpApi {
protected:
    const ApiDescription description_;
};

TEST_F(OpenApi, DescribesTheRoutesThatAreMountedAndNoOthers) {
    std::set<std::string> mounted = hub_.routes().mounted();
    mounted.insert("GET " + web_sockets_.pattern());
    EXPECT_EQ(description_.routes(), mounted);
}

// The fixture compares what every answer of every other test looks at, and its status.
TEST_F(OpenApi, DescribesTheParametersThatAreLookedAtAndNoOthers) {
    history_.command_rows.emplace_back().record.command.id = "known";
    std::map<std::string, std::set<std::string>> asked;
    hub_.routes().watch([&](const std::string& route, const fakes::FakeHttpRequest& request,
                            const HttpResponse&) { asked[route] = taken(request); });
    for (const std::string& route : hub_.routes().mounted()) {
        std::string path = route.substr(route.find(' ') + 1);
        if (const auto id = path.find("{id}"); id != std::string::npos) {
            path.replace(id, 4, "known");
        }
        devices_.known.clear();
        deviceIsKnown("known");
        (void)send(route.substr(0, route.find(' ')), path);
    }
    const fakes::FakeHttpRequest link(web_sockets_.pattern());
    (void)web_sockets_.connect(link);
    asked["GET " + web_sockets_.pattern()] = link.queriesAsked();
    for (const std::string& route : description_.routes()) {
        EXPECT_EQ(description_.parameters(route), asked[route]) << route;
    }
}

TEST_F(OpenApi, IsOfVersion31AndIsNotSentTwice) {
    const HttpResponse response = get("/api/openapi.json");
    EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("@"))) << "of the build's version";
    EXPECT_TRUE(parsed(response)->getValue<std::string>("openapi").starts_with("3.1."));
    EXPECT_EQ(response.headers.front(), std::pair(std::string("ETag"), entityTagOf(response.body)));
}

}  // namespace
}  // namespace hub::http_api
