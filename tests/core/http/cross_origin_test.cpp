#include "core/http/front_door_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace hub::http {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

struct Asked final : UpgradeHandler {
    std::variant<Upgrade, HttpResponse> upgrade(const HttpRequest&, net::Connection&) override {
        return said("asked");
    }
};

class CrossOrigin : public FrontDoorTest {
protected:
    static constexpr const char* kPanel = "Origin: https://panel.example\r\n";
    static constexpr const char* kStranger = "Origin: https://evil.example\r\n";
    static constexpr const char* kAllowPanel = "Access-Control-Allow-Origin: https://panel.example";

    void allow(const std::vector<std::string>& origins) {
        FrontDoorSettings settings;
        settings.origins = origins;
        open(settings);
        get_ = door_->route("GET", "/api/devices", [](const HttpRequest&) { return said("all"); });
        post_ =
            door_->route("POST", "/api/devices", [](const HttpRequest&) { return said("new"); });
    }
    Received ask(const std::string& method, const std::string& lines,
                 const std::string& path = "/api/devices", const std::string& host = "hub:8000") {
        Client client = connect();
        client.send(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + lines + "\r\n");
        return method == "HEAD" ? client.receiveHead() : client.receive();
    }
    Received upgrade(const std::string& lines, const std::string& host = "hub:8000") {
        return ask("GET", lines + "Connection: Upgrade\r\nUpgrade: websocket\r\n", "/ws/lamp-1",
                   host);
    }
    static bool allows(const Received& received) {
        return received.head.find("Access-Control-") != std::string::npos;
    }

    Registration get_;
    Registration post_;
};

TEST_F(CrossOrigin, AnAllowedOriginMayRead) {
    allow({"https://panel.example"});
    const Received received = ask("GET", kPanel);
    EXPECT_EQ(received.body, "all");
    EXPECT_TRUE(received.has(kAllowPanel));
    EXPECT_TRUE(received.has(
        "Access-Control-Expose-Headers: ETag, Retry-After, Allow, Idempotency-Replayed"));
    EXPECT_TRUE(received.has("Vary: Origin"));
    EXPECT_EQ(received.head.find("Credentials"), std::string::npos);
}

TEST_F(CrossOrigin, AnAllowedOriginMayReadErrorsToo) {
    allow({"https://panel.example"});
    for (const std::string path : {"/nothing", "/?%", "/api/devices"}) {
        const Received received = ask("PUT", kPanel, path);
        EXPECT_GE(received.status(), 400);
        EXPECT_TRUE(received.has(kAllowPanel)) << path;
    }
    const Received too_large = ask("POST", std::string(kPanel) + "Content-Length: 9999999\r\n");
    EXPECT_EQ(too_large.status(), 413);
    EXPECT_TRUE(too_large.has(kAllowPanel));
}

TEST_F(CrossOrigin, AnotherOriginIsToldNothing) {
    allow({"https://panel.example"});
    const Received received = ask("GET", kStranger);
    EXPECT_EQ(received.status(), 200) << "a browser keeps it from the page";
    EXPECT_FALSE(allows(received));
    EXPECT_TRUE(received.has("Vary: Origin")) << "or a cache gives it to the panel";
}

TEST_F(CrossOrigin, WithoutAllowedOriginsNothingVaries) {
    allow({});
    const Received received = ask("GET", kPanel);
    EXPECT_FALSE(allows(received));
    EXPECT_EQ(received.head.find("Vary"), std::string::npos);
}

TEST_F(CrossOrigin, AnAsteriskAllowsAll) {
    allow({"*"});
    EXPECT_TRUE(ask("GET", kStranger).has("Access-Control-Allow-Origin: https://evil.example"));
    EXPECT_EQ(ask("POST", kStranger).body, "new");
    EXPECT_FALSE(allows(ask("GET", "")));
}

TEST_F(CrossOrigin, APreflightHearsWhatThePathTakes) {
    allow({"https://panel.example"});
    const std::string asks = std::string(kPanel) + "Access-Control-Request-Method: POST\r\n";
    const Received received = ask("OPTIONS", asks);
    EXPECT_EQ(received.head,
              "HTTP/1.1 204 No Content\r\nDate: Mon, 23 Nov 2026 16:40:00 GMT\r\n"
              "Allow: GET, HEAD, POST, OPTIONS\r\n"
              "Access-Control-Allow-Methods: GET, HEAD, POST, OPTIONS\r\n"
              "Access-Control-Allow-Headers: "
              "Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID\r\n"
              "Access-Control-Max-Age: 600\r\n"
              "Access-Control-Allow-Origin: https://panel.example\r\n"
              "Access-Control-Expose-Headers: ETag, Retry-After, Allow, Idempotency-Replayed\r\n"
              "Vary: Origin\r\n\r\n");
    EXPECT_EQ(ask("OPTIONS", asks, "/nothing").status(), 404);
    EXPECT_EQ(ask("OPTIONS", kPanel).head.find("Access-Control-Allow-Methods"), std::string::npos)
        << "no preflight";
}

TEST_F(CrossOrigin, APreflightOfAnotherOriginHearsNothingOfIt) {
    allow({"https://panel.example"});
    const Received received =
        ask("OPTIONS", std::string(kStranger) + "Access-Control-Request-Method: POST\r\n");
    EXPECT_EQ(received.status(), 204);
    EXPECT_FALSE(allows(received));
}

TEST_F(CrossOrigin, AForeignPageMayChangeNothing) {
    allow({"https://panel.example"});
    for (const char* foreign :
         {kStranger, "Origin: null\r\n", "Origin: file://\r\n", "Origin: http://hub\r\n",
          "Origin: http://hub:8000.evil.example\r\n", "Origin:\r\n",
          "Origin: https://panel.example\r\nOrigin: https://evil.example\r\n"}) {
        for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
            EXPECT_EQ(ask(method, foreign).status(), 403) << method << ' ' << foreign;
        }
        EXPECT_EQ(ask("GET", foreign).status(), 200) << foreign;
        EXPECT_EQ(ask("HEAD", foreign).status(), 200) << foreign;
    }
    EXPECT_NE(metrics_.text().find(R"(hub_refused_total{reason="origin"} 28)"), std::string::npos);
}

TEST_F(CrossOrigin, TheRefusalIsAProblemAndTheConnectionGoesOn) {
    allow({});
    Client client = connect();
    client.send("POST /api/devices HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n" +
                std::string(kStranger) + "\r\n{}");
    EXPECT_EQ(client.receive().body,
              R"({"type":"about:blank","title":"Forbidden","status":403,"detail":)"
              R"("A page from https://evil.example may only read here: )"
              R"(hub.origins does not name it."})");
    EXPECT_EQ(client.get("/api/devices").receive().body, "all");
}

TEST_F(CrossOrigin, WhoIsRefusedAWebSocketIsNamedInTheLog) {
    allow({});
    Asked asked;
    const Registration mounted = door_->mountUpgrade("/ws/{id}", asked);
    const Received received = upgrade(kStranger);
    EXPECT_EQ(received.status(), 403);
    const auto line = [this](std::size_t number) { return logger_.lines().at(number).message; };
    EXPECT_THAT(line(0),
                MatchesRegex("refused a WebSocket link at /ws/lamp-1 from 127.0.0.1:.*: "
                             "\\{.*\"status\":403,\"detail\":\"A page from "
                             "https://evil.example may open no WebSocket here: hub.origins "
                             "does not name it.\"\\}"));
    upgrade("");
    EXPECT_THAT(line(1), HasSubstr(": asked")) << "what the endpoint has answered";
}

TEST_F(CrossOrigin, OwnPagesAllowedOnesAndProgramsMayChangeThings) {
    allow({"https://panel.example"});
    for (const std::string host : {"192.0.2.1:8000", "[2001:db8::1]:8000", "localhost:8000"}) {
        for (const std::string scheme : {"http://", "https://"}) {
            const std::string own = "Origin: " + scheme + host + "\r\n";
            EXPECT_EQ(ask("POST", own, "/api/devices", host).body, "new") << own;
        }
    }
    EXPECT_EQ(ask("POST", kPanel).body, "new");
    EXPECT_EQ(ask("POST", "").body, "new");
}

// It may lead to the hub only since the page was loaded from elsewhere: DNS rebinding.
TEST_F(CrossOrigin, APageUnderANameIsForeignUnlessNamed) {
    allow({"http://hub.example:8000"});
    EXPECT_EQ(ask("POST", "Origin: http://hub:8000\r\n").status(), 403);
    EXPECT_EQ(
        ask("POST", "Origin: http://hub.example:8000\r\n", "/api/devices", "hub.example:8000").body,
        "new");
}

TEST_F(CrossOrigin, PluginsDoNotDecideIt) {
    allow({"https://panel.example"});
    const auto route = door_->route("GET", "/open", [](const HttpRequest&) {
        HttpResponse response = said("open");
        response.headers = {{"access-control-allow-origin", "*"},
                            {"Access-Control-Allow-Credentials", "true"},
                            {"Access-Control-Expose-Headers", "X-Own"}};
        return response;
    });
    EXPECT_FALSE(allows(ask("GET", kStranger, "/open")));
    EXPECT_TRUE(ask("GET", kPanel, "/open").has(kAllowPanel));
}

// Firmwares send `Origin: file://`, most programs none.
TEST_F(CrossOrigin, OwnPagesAllowedOnesAndProgramsMayUpgrade) {
    allow({"https://panel.example"});
    Asked handler;
    const auto mounted = door_->mountUpgrade("/ws/{id}", handler);
    for (const char* origin :
         {"", "Origin: file://\r\n", "Origin: capacitor://localhost\r\n", kPanel}) {
        EXPECT_EQ(upgrade(origin).body, "asked") << origin;
    }
    EXPECT_EQ(upgrade("Origin: http://192.0.2.1:8000\r\n", "192.0.2.1:8000").body, "asked");
    EXPECT_TRUE(ask("OPTIONS", "", "/ws/lamp-1").has("Allow: GET, OPTIONS"));
}

// RFC 6455, 10.2: browsers ask nobody before they open a link for a page.
TEST_F(CrossOrigin, AForeignPageMayNotUpgrade) {
    allow({"https://panel.example"});
    Asked handler;
    const auto mounted = door_->mountUpgrade("/ws/{id}", handler);
    for (const char* foreign :
         {kStranger, "Origin: null\r\n", "Origin: http://hub:8000\r\n", "Origin: HTTP://EVIL\r\n",
          "Origin: http://panel.example\r\n", "Origin: https://panel.example/x\r\n"}) {
        EXPECT_EQ(upgrade(foreign).status(), 403) << foreign;
    }
    EXPECT_EQ(upgrade(kStranger, "192.0.2.1").status(), 403);
    EXPECT_NE(metrics_.text().find(R"(hub_refused_total{reason="origin"} 7)"), std::string::npos);
}

}  // namespace
}  // namespace hub::http
