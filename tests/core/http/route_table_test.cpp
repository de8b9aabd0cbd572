#include "http/route_table.h"

#include "http/route_pattern.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace hub::http {
namespace {

class NoUpgrade final : public UpgradeHandler {
    std::variant<Upgrade, HttpResponse> upgrade(const HttpRequest& /*request*/,
                                                net::Connection& /*connection*/) override {
        return HttpResponse{};
    }
};

class RouteTableTest : public testing::Test {
protected:
    std::shared_ptr<Route> add(const std::string& method, const std::string& pattern) {
        auto route = std::make_shared<Route>(method, pattern,
                                             [](const HttpRequest&) { return HttpResponse{}; });
        table_.add(route);
        return route;
    }
    void addUpgrade(const std::string& pattern) {
        table_.add(std::make_shared<Route>(pattern, no_upgrade_));
    }

    // The pattern that answers, with its parameters; or the status that says why none does.
    std::string answer(const std::string& method, const std::string& raw_path,
                       RouteTable::Wanted wanted = RouteTable::Wanted::Answer) {
        const auto path = Path::decode(raw_path);
        const RouteMatch match = table_.find(method, *path, wanted);
        switch (match.kind) {
            case RouteMatch::Kind::NotFound:
                return "404";
            case RouteMatch::Kind::WrongMethod:
                return "405 " + match.allow;
            case RouteMatch::Kind::UpgradeRequired:
                return "426";
            case RouteMatch::Kind::Found:
                break;
        }
        std::string text = match.route->pattern.text();
        for (const auto& [name, value] :
             match.route->pattern.parameters(*path, match.without_prefix ? 1 : 0)) {
            text += " " + std::string(name) + "=" + std::string(value);
        }
        return text;
    }

    NoUpgrade no_upgrade_;
    RouteTable table_;
};

TEST_F(RouteTableTest, FindsByPathAndMethod) {
    add("GET", "/health");
    add("POST", "/api/command");
    add("GET", "/");
    EXPECT_EQ(answer("GET", "/health"), "/health");
    EXPECT_EQ(answer("POST", "/api/command"), "/api/command");
    EXPECT_EQ(answer("GET", "/"), "/");
    EXPECT_EQ(answer("GET", "/nothing"), "404");
    EXPECT_EQ(answer("GET", "/health/"), "404");
    EXPECT_EQ(answer("GET", "//health"), "404");
    EXPECT_EQ(answer("GET", "/Health"), "404");
    EXPECT_EQ(answer("GET", "*"), "404");
}

TEST_F(RouteTableTest, ParametersTakeOneWholeSegment) {
    add("GET", "/api/devices/{id}/logs/{number}");
    EXPECT_EQ(answer("GET", "/api/devices/lamp-1/logs/7"),
              "/api/devices/{id}/logs/{number} id=lamp-1 number=7");
    EXPECT_EQ(answer("GET", "/api/devices/a%2Fb/logs/%3F"),
              "/api/devices/{id}/logs/{number} id=a/b number=?");
    EXPECT_EQ(answer("GET", "/api/devices//logs/7"), "404");
    EXPECT_EQ(answer("GET", "/api/devices/a/b/logs/7"), "404");
}

TEST_F(RouteTableTest, ALiteralWinsOverAParameter) {
    add("GET", "/devices/{id}");
    add("GET", "/devices/special");
    add("GET", "/{any}/special");
    EXPECT_EQ(answer("GET", "/devices/special"), "/devices/special");
    EXPECT_EQ(answer("GET", "/devices/other"), "/devices/{id} id=other");
    EXPECT_EQ(answer("GET", "/others/special"), "/{any}/special any=others");
}

TEST_F(RouteTableTest, TheApiPrefixMayBeLeftOut) {
    add("GET", "/api/devices/{id}");
    EXPECT_EQ(answer("GET", "/devices/lamp-1"), "/api/devices/{id} id=lamp-1");
    EXPECT_EQ(answer("GET", "/api/api/devices/lamp-1"), "404");
    add("GET", "/health");
    EXPECT_EQ(answer("GET", "/api/health"), "404");
    add("GET", "/api");
    EXPECT_EQ(answer("GET", "/"), "404");
}

TEST_F(RouteTableTest, ARouteOfItsOwnWinsOverOneWithoutPrefix) {
    add("GET", "/api/devices");
    add("GET", "/devices");
    add("GET", "/{page}");
    EXPECT_EQ(answer("GET", "/devices"), "/devices");
    EXPECT_EQ(answer("GET", "/api/devices"), "/api/devices");
    EXPECT_EQ(answer("GET", "/about"), "/{page} page=about");
}

TEST_F(RouteTableTest, GetAnswersHead) {
    add("GET", "/health");
    EXPECT_EQ(answer("HEAD", "/health"), "/health");
    add("POST", "/command");
    EXPECT_EQ(answer("HEAD", "/command"), "405 POST");
}

TEST_F(RouteTableTest, AWrongMethodHearsTheRightOnes) {
    add("GET", "/api/devices/{id}");
    add("DELETE", "/api/devices/{name}");
    add("POST", "/api/devices/special");
    EXPECT_EQ(answer("PUT", "/api/devices/lamp-1"), "405 GET, HEAD, DELETE");
    EXPECT_EQ(answer("PUT", "/devices/special"), "405 POST, GET, HEAD, DELETE");
    EXPECT_EQ(answer("get", "/api/devices/lamp-1"), "405 GET, HEAD, DELETE");
    EXPECT_EQ(answer("DELETE", "/api/devices/special"), "/api/devices/{name} name=special");
}

TEST_F(RouteTableTest, UpgradesGoToTheirOwnRoutes) {
    addUpgrade("/ws/{id}");
    EXPECT_EQ(answer("GET", "/ws/a", RouteTable::Wanted::UpgradeIfAny), "/ws/{id} id=a");
    EXPECT_EQ(answer("GET", "/ws/a"), "426");
    add("GET", "/ws/{id}");
    EXPECT_EQ(answer("GET", "/ws/a"), "/ws/{id} id=a");
    EXPECT_EQ(answer("POST", "/ws/a"), "405 GET, HEAD");
    add("GET", "/page");
    EXPECT_EQ(answer("GET", "/page", RouteTable::Wanted::UpgradeIfAny), "/page")
        << "an offer to upgrade may be ignored";
}

TEST_F(RouteTableTest, ATakenRouteIsRefused) {
    add("GET", "/api/devices/{id}");
    EXPECT_THROW(add("GET", "/api/devices/{name}"), std::logic_error);
    addUpgrade("/ws/{id}");
    EXPECT_THROW(addUpgrade("/ws/{x}"), std::logic_error);
    add("POST", "/api/devices/{name}");
}

TEST_F(RouteTableTest, ARemovedRouteIsGoneAndItsPlaceFree) {
    const auto route = add("GET", "/api/health");
    table_.remove(*route);
    EXPECT_EQ(answer("GET", "/health"), "404");
    EXPECT_EQ(answer("GET", "/api/health"), "404");
    add("GET", "/api/health");
    EXPECT_EQ(answer("GET", "/health"), "/api/health");
}

TEST(RoutePattern, RefusesWhatIsNoPattern) {
    for (const char* bad : {"", "health", "//", "/a/", "/a//b", "/{}", "/{a", "/a}", "/a{b}",
                            "/{a}b", "/{a}/{a}", "/a b", "/a%20b", "/{a/b}", "/?a", "/{a b}"}) {
        EXPECT_THROW(RoutePattern{bad}, std::invalid_argument) << bad;
    }
    EXPECT_THROW(Route("G T", "/", HttpHandler{}), std::invalid_argument);
    EXPECT_THROW(Route("", "/", HttpHandler{}), std::invalid_argument);
}

}  // namespace
}  // namespace hub::http
