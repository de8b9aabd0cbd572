#include "http/front_door.h"

#include "core/net/mailbox.h"
#include "core/net/tcp_client.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "net/listener.h"
#include "net/loop_group.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace hub::http {
namespace {

using namespace std::chrono_literals;

HttpResponse said(std::string body) {
    HttpResponse response;
    response.content_type = "text/plain";
    response.body = std::move(body);
    return response;
}

// A response as a client sees it.
struct Received {
    std::string head;
    std::string body;

    [[nodiscard]] int status() const { return std::stoi(head.substr(9, 3)); }
    [[nodiscard]] bool has(const std::string& line) const {
        return head.find("\r\n" + line + "\r\n") != std::string::npos;
    }
};

class Client {
public:
    explicit Client(std::uint16_t port) : tcp_(port) {}

    Client& send(const std::string& bytes) {
        tcp_.send(bytes);
        return *this;
    }
    Client& get(const std::string& target, const std::string& lines = {}) {
        return send("GET " + target + " HTTP/1.1\r\nHost: hub\r\n" + lines + "\r\n");
    }
    Client& post(const std::string& target, const std::string& body) {
        return send("POST " + target + " HTTP/1.1\r\nHost: hub\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    Received receive(bool head_only = false) {
        Received received;
        received.head = tcp_.receiveUntil("\r\n\r\n");
        const std::size_t length = received.head.find("Content-Length: ");
        if (length != std::string::npos && !head_only) {
            received.body = tcp_.receive(std::stoul(received.head.substr(length + 16)));
        }
        return received;
    }
    net::TcpClient& tcp() { return tcp_; }

private:
    net::TcpClient tcp_;
};

class FrontDoorTest : public testing::Test {
protected:
    FrontDoorTest() { open({}); }
    ~FrontDoorTest() override { loops_.stop(); }

    void open(const FrontDoorSettings& settings) {
        listener_.reset();
        door_ = std::make_unique<FrontDoor>(loops_, settings, logger_);
        listener_ = std::make_unique<net::Listener>(
            loops_, "127.0.0.1", std::uint16_t{0}, logger_,
            [this](net::Loop& loop, int descriptor, std::string address) {
                door_->accept(loop, descriptor, std::move(address));
            });
        if (!std::exchange(started_, true)) loops_.start();
        listener_->start();
    }
    [[nodiscard]] Client connect() const { return Client{listener_->port()}; }

    [[nodiscard]] Registration echo(const std::string& pattern = "/echo") {
        return door_->route("POST", pattern, [](const HttpRequest& request) {
            return said(std::string(request.body()));
        });
    }
    [[nodiscard]] Registration hello() {
        return door_->route("GET", "/hello", [](const HttpRequest&) { return said("hello"); });
    }

    // Turns have passed: what was sent before has been read, due timers have expired.
    void settle() {
        for (int turn = 0; turn < 4; ++turn) loops_[0].call([] {});
    }
    void after(std::chrono::milliseconds time) {
        settle();
        clock_.advance(time);
        settle();
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    net::LoopGroup loops_{1, clock_};
    bool started_ = false;
    std::unique_ptr<FrontDoor> door_;
    std::unique_ptr<net::Listener> listener_;
};

TEST_F(FrontDoorTest, AnswersARequest) {
    const auto route = door_->route("GET", "/api/devices/{id}", [](const HttpRequest& request) {
        return said(std::string(request.method()) + " " + std::string(request.path()) + " " +
                    std::string(request.parameter("id")) + " " +
                    std::string(request.query("q").value_or("-")) + " " +
                    std::string(request.header("x-a").value_or("-")) + " " +
                    std::string(request.parameter("none")));
    });
    const Received received = connect().get("/devices/lamp%2F1?q=a+b", "X-A: c\r\n").receive();
    EXPECT_EQ(received.head,
              "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 16:40:00 GMT\r\n"
              "Content-Type: text/plain\r\nContent-Length: 33\r\n\r\n");
    EXPECT_EQ(received.body, "GET /devices/lamp/1 lamp/1 a b c ");
}

TEST_F(FrontDoorTest, KnowsWhoAsks) {
    const auto route = door_->route("GET", "/who", [](const HttpRequest& request) {
        return said(std::string(request.remoteAddress()));
    });
    EXPECT_TRUE(connect().get("/who").receive().body.starts_with("127.0.0.1:"));
}

// RFC 9110, 5.3.
TEST_F(FrontDoorTest, RepeatedFieldsAreOneList) {
    const auto route = door_->route("GET", "/list", [](const HttpRequest& request) {
        return said(std::string(request.header("connection").value_or("-")) + " | " +
                    std::string(request.header("accept").value_or("-")));
    });
    const Received received =
        connect()
            .get("/list",
                 "Connection: keep-alive\r\nAccept: a\r\nconnection: Upgrade\r\nCONNECTION: x\r\n")
            .receive();
    EXPECT_EQ(received.body, "keep-alive, Upgrade, x | a");
}

TEST_F(FrontDoorTest, OneConnectionServesManyRequests) {
    const auto route = echo();
    Client client = connect();
    for (const std::string body : {"one", "", "three"}) {
        EXPECT_EQ(client.post("/echo", body).receive().body, body);
    }
}

TEST_F(FrontDoorTest, PipelinedRequestsAreAnsweredInOrder) {
    const auto route = echo();
    Client client = connect();
    std::string requests;
    for (int i = 0; i < 500; ++i) {
        const std::string body = std::to_string(i);
        requests +=
            "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body;
        if (i % 3 == 0) requests += "GET /nothing HTTP/1.1\r\nHost: hub\r\n\r\n";
    }
    client.send(requests);
    for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(client.receive().body, std::to_string(i));
        if (i % 3 == 0) {
            EXPECT_EQ(client.receive().status(), 404);
        }
    }
}

TEST_F(FrontDoorTest, ARequestMayComeByteByByte) {
    const auto route = echo();
    Client client = connect();
    for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: "
                                    "chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n")) {
        client.send({c});
        settle();
    }
    EXPECT_EQ(client.receive().body, "abcde");
}

TEST_F(FrontDoorTest, HeadSendsNoBody) {
    const auto route = hello();
    Client client = connect();
    client.send("HEAD /hello HTTP/1.1\r\nHost: hub\r\n\r\n");
    const Received received = client.receive(true);
    EXPECT_TRUE(received.has("Content-Length: 5"));
    EXPECT_EQ(client.get("/hello").receive().body, "hello");
}

TEST_F(FrontDoorTest, ClosesWhenAsked) {
    const auto route = hello();
    Client client = connect();
    EXPECT_TRUE(client.get("/hello", "Connection: close\r\n").receive().has("Connection: close"));
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, Http10ClosesUnlessAskedToStay) {
    const auto route = hello();
    Client client = connect();
    client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(client.receive().has("Connection: keep-alive"));
    client.send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(client.receive().has("Connection: close"));
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, AClientThatFinishedSendingGetsItsAnswers) {
    const auto route = hello();
    Client client = connect();
    client.get("/hello").get("/hello");
    client.tcp().finish();
    client.receive();
    EXPECT_EQ(client.receive().body, "hello");
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, NothingThereIsAProblem) {
    const Received received = connect().get("/nothing%22here").receive();
    EXPECT_EQ(received.status(), 404);
    EXPECT_TRUE(received.has("Content-Type: application/problem+json"));
    EXPECT_NE(received.body.find(R"("There is nothing at /nothing\"here.")"), std::string::npos);
}

TEST_F(FrontDoorTest, AWrongMethodHearsTheRightOnes) {
    const auto route = hello();
    Client client = connect();
    const Received received = client.post("/hello", "x").receive();
    EXPECT_EQ(received.status(), 405);
    EXPECT_TRUE(received.has("Allow: GET, HEAD, OPTIONS"));
}

TEST_F(FrontDoorTest, OptionsAreAnswered) {
    const auto route = hello();
    Client client = connect();
    client.send("OPTIONS /hello HTTP/1.1\r\nHost: hub\r\n\r\n");
    const Received of_path = client.receive();
    EXPECT_EQ(of_path.status(), 204);
    EXPECT_TRUE(of_path.has("Allow: GET, HEAD, OPTIONS"));
    client.send("OPTIONS * HTTP/1.1\r\nHost: hub\r\n\r\n");
    EXPECT_EQ(client.receive().status(), 204);
}

TEST_F(FrontDoorTest, AMalformedRequestIsRefusedAndTheConnectionClosed) {
    const auto route = echo();
    for (const std::string bad :
         {"GET /\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: hub\r\n\r\n",
          "GET /?a=% HTTP/1.1\r\nHost: hub\r\n\r\n", "\x16\x03\x01",
          "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"}) {
        Client client = connect();
        const Received received = client.send(bad).receive();
        EXPECT_EQ(received.status(), 400) << bad;
        EXPECT_TRUE(received.has("Connection: close"));
        EXPECT_EQ(client.tcp().receiveAll(), "");
    }
}

TEST_F(FrontDoorTest, AHeadBeyondTheLimitIsRefused) {
    Client whole = connect();
    EXPECT_EQ(whole.get("/", "X: " + std::string(9'000, 'x') + "\r\n").receive().status(), 431);
    Client endless = connect();
    endless.send("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x'));
    EXPECT_EQ(endless.receive().status(), 431);
    EXPECT_EQ(endless.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ABodyBeyondTheLimitIsRefusedBeforeItHasCome) {
    Client client = connect();
    client.send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 1048577\r\n\r\n");
    EXPECT_EQ(client.receive().status(), 413);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ABodyAtTheLimitIsTaken) {
    const auto route = echo();
    const std::string body(1024 * 1024, 'x');
    EXPECT_EQ(connect().post("/echo", body).receive().body, body);
}

TEST_F(FrontDoorTest, AChunkedBodyBeyondTheLimitIsRefused) {
    Client client = connect();
    client.send("POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "80000\r\n" + std::string(0x80000, 'x') + "\r\n";
    client.send(chunk + chunk + "1\r\n");
    client.send("x\r\n");
    EXPECT_EQ(client.receive().status(), 413);
}

TEST_F(FrontDoorTest, BodiesHeldAtATimeAreBounded) {
    FrontDoorSettings settings;
    settings.limits.all_bodies_bytes = 100;
    open(settings);
    const auto route = echo();
    Client half = connect();
    half.send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 80\r\n\r\n" +
              std::string(60, 'x'));
    settle();
    Client other = connect();
    const Received refused = other.post("/echo", std::string(41, 'y')).receive();
    EXPECT_EQ(refused.status(), 503);
    EXPECT_TRUE(refused.has("Retry-After: 1"));
    EXPECT_EQ(half.send(std::string(20, 'x')).receive().body.size(), 80U);
    EXPECT_EQ(connect().post("/echo", std::string(100, 'y')).receive().status(), 200)
        << "what was held has been given back";
}

TEST_F(FrontDoorTest, AnExpectationIsMetWhenTheBodyIsAwaited) {
    const auto route = echo();
    Client client = connect();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.tcp().receiveUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(client.send("hi").receive().body, "hi");
    client.send(
        "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 9999999\r\nExpect: "
        "100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status(), 413);
}

TEST_F(FrontDoorTest, AHandlerThatThrowsIsAProblemAndALogLine) {
    const auto standard = door_->route("GET", "/a", [](const HttpRequest&) -> HttpResponse {
        throw std::runtime_error("the disk is on fire");
    });
    const auto odd = door_->route("GET", "/b", [](const HttpRequest&) -> HttpResponse { throw 7; });
    const auto wrong = door_->route("GET", "/c", [](const HttpRequest&) {
        HttpResponse response;
        response.status = 42;
        return response;
    });
    Client client = connect();
    for (const char* path : {"/a", "/b", "/c"}) {
        const Received received = client.get(path).receive();
        EXPECT_EQ(received.status(), 500) << path;
        EXPECT_EQ(received.body.find("fire"), std::string::npos);
    }
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /a failed: the disk is on fire"));
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /b failed: "));
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /c failed: status 42"));
}

TEST_F(FrontDoorTest, AHeadThatDoesNotComeInTimeIsRefused) {
    const auto route = hello();
    Client client = connect();
    client.send("GET /hello HTTP/1.1\r\n");
    after(9'999ms);
    client.send("Host: hub\r\n");
    after(1ms);
    EXPECT_EQ(client.receive().status(), 408);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ABodyThatDoesNotComeInTimeIsRefused) {
    Client client = connect();
    client.send("POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\n1");
    after(29'999ms);
    client.send("2");
    after(1ms);
    EXPECT_EQ(client.receive().status(), 408);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, AnIdleClientIsClosedSilently) {
    const auto route = hello();
    Client idle_from_the_start = connect();
    Client idle_after_a_request = connect();
    settle();
    clock_.advance(59s);
    EXPECT_EQ(idle_after_a_request.get("/hello").receive().status(), 200);
    after(1s);
    EXPECT_EQ(idle_from_the_start.tcp().receiveAll(), "");
    EXPECT_EQ(idle_after_a_request.get("/hello").receive().status(), 200);
    after(60s);
    EXPECT_EQ(idle_after_a_request.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ASlowHandlerIsWaitedFor) {
    std::promise<void> begun;
    std::promise<void> release;
    const auto route = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said("at last");
    });
    Client client = connect();
    client.get("/slow");
    begun.get_future().wait();
    after(1h);
    release.set_value();
    EXPECT_EQ(client.receive().body, "at last");
}

TEST_F(FrontDoorTest, AClientThatReadsNothingIsGivenUp) {
    const std::string large(20'000'000, 'x');
    const auto route =
        door_->route("GET", "/large", [&](const HttpRequest&) { return said(large); });
    net::Mailbox second;
    const auto told = door_->route("GET", "/second", [&](const HttpRequest&) {
        second.put("answered");
        return said({});
    });
    Client client = connect();
    client.get("/large").get("/second");
    client.tcp().receiveUntil("\r\n\r\n");
    after(29s);
    EXPECT_TRUE(second.empty()) << "no request is read while so much is unsent";
    after(1s);  // what the kernel took at first was progress
    after(30s);
    EXPECT_TRUE(second.empty());
    client.tcp().awaitReset();
}

TEST_F(FrontDoorTest, AClientThatReadsSlowlyIsServed) {
    constexpr std::size_t kPart = 10'000'000;
    const std::string large(5 * kPart, 'x');
    const auto route =
        door_->route("GET", "/large", [&](const HttpRequest&) { return said(large); });
    Client client = connect();
    client.get("/large");
    client.tcp().receiveUntil("\r\n\r\n");
    for (int part = 0; part < 5; ++part) {
        EXPECT_EQ(client.tcp().receive(kPart).size(), kPart);
        after(30s);
    }
}

TEST_F(FrontDoorTest, AClientThatReadsTooSlowlyIsGivenUp) {
    const std::string large(30'000'000, 'x');
    const auto route =
        door_->route("GET", "/large", [&](const HttpRequest&) { return said(large); });
    Client client = connect();
    const int window = 64 * 1024;  // so that the kernel keeps little for the client
    ::setsockopt(client.tcp().descriptor(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    client.get("/large");
    client.tcp().receiveUntil("\r\n\r\n");
    for (int i = 0; i < 16; ++i) {
        EXPECT_EQ(client.tcp().receive(1'500'000).size(), 1'500'000U);
        after(29s);
    }
    after(26s);  // 30 s, and one for each 64 KiB
    client.tcp().awaitReset();
}

TEST_F(FrontDoorTest, AClientThatReadsAtLastIsServedOn) {
    const std::string large(20'000'000, 'x');
    const auto large_route =
        door_->route("GET", "/large", [&](const HttpRequest&) { return said(large); });
    const auto hello_route = hello();
    Client client = connect();
    client.get("/large").get("/hello");
    settle();
    EXPECT_EQ(client.receive().body.size(), large.size());
    EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(FrontDoorTest, IdleAndHalfRequestsHoldNoWorker) {
    FrontDoorSettings settings;
    settings.workers = 1;
    open(settings);
    const auto route = echo();
    std::vector<Client> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(connect());
        if (i % 2 == 0) {
            clients.back().send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\n1");
        }
    }
    settle();
    EXPECT_EQ(connect().post("/echo", "served").receive().body, "served");
    EXPECT_EQ(clients.front().send("2").receive().body, "12");
}

TEST_F(FrontDoorTest, AFullQueueAnswersAtOnce) {
    FrontDoorSettings settings;
    settings.workers = 1;
    settings.queued_requests = 1;
    open(settings);
    std::promise<void> begun;
    std::promise<void> release;
    const auto slow = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said("slow");
    });
    const auto fast = hello();
    Client running = connect();
    running.get("/slow");
    begun.get_future().wait();
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    const Received refused = connect().get("/hello").receive();
    EXPECT_EQ(refused.status(), 503);
    EXPECT_TRUE(refused.has("Retry-After: 1"));
    release.set_value();
    EXPECT_EQ(running.receive().body, "slow");
    EXPECT_EQ(waiting.receive().body, "hello");
}

TEST_F(FrontDoorTest, AClientMayGoWhileItsRequestIsAnswered) {
    std::promise<void> begun;
    std::promise<void> release;
    const auto slow = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said("for nobody");
    });
    Client gone = connect();
    gone.get("/slow");
    begun.get_future().wait();
    gone.tcp().reset();
    settle();
    release.set_value();
    const auto route = hello();
    EXPECT_EQ(connect().get("/hello").receive().body, "hello");
}

TEST_F(FrontDoorTest, APeerThatClosesWithinARequestIsForgotten) {
    const auto route = hello();
    for (const std::string half :
         {"GET /hello HT", "POST /hello HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\nab"}) {
        Client client = connect();
        client.send(half);
        client.tcp().finish();
        EXPECT_EQ(client.tcp().receiveAll(), "");
    }
    EXPECT_EQ(connect().get("/hello").receive().body, "hello");
}

TEST_F(FrontDoorTest, RemovingARouteWaitsForItsCalls) {
    std::promise<void> begun;
    std::promise<void> release;
    bool alive = true;
    std::optional<Registration> route = door_->route("GET", "/slow", [&](const HttpRequest& call) {
        if (call.header("x-probe")) return said("still there");
        begun.set_value();
        release.get_future().wait();
        return said(alive ? "alive" : "dead");
    });
    Client client = connect();
    client.get("/slow");
    begun.get_future().wait();
    std::thread removing{[&] {
        route.reset();
        alive = false;
    }};
    Client probe = connect();
    while (probe.get("/slow", "X-Probe: 1\r\n").receive().status() == 200) {
    }
    release.set_value();
    EXPECT_EQ(client.receive().body, "alive");
    removing.join();
}

TEST_F(FrontDoorTest, ARequestThatWaitsForAWorkerFindsItsRouteRemoved) {
    FrontDoorSettings settings;
    settings.workers = 1;
    open(settings);
    std::promise<void> begun;
    std::promise<void> release;
    const auto slow = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said({});
    });
    std::optional<Registration> removed = hello();
    Client running = connect();
    running.get("/slow");
    begun.get_future().wait();
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    removed.reset();
    release.set_value();
    EXPECT_EQ(waiting.receive().status(), 404);
}

// Says what it hears back in angle brackets.
class Brackets final : public net::Protocol {
public:
    std::size_t onBytes(net::Connection& connection, std::span<char> bytes) override {
        connection.send("<" + std::string(bytes.data(), bytes.size()) + ">");
        return bytes.size();
    }
    void onEnd(net::Connection& /*connection*/, net::ConnectionEnd /*end*/) noexcept override {}
};

class BracketsUpgrade final : public UpgradeHandler {
public:
    std::variant<Upgrade, HttpResponse> upgrade(const HttpRequest& request,
                                                net::Connection& connection) override {
        EXPECT_TRUE(connection.loop().onThread());
        if (request.parameter("id") == "bad") return HttpResponse::problem(400, "a bad id");
        if (request.parameter("id") == "throw") throw std::runtime_error("no brackets left");
        return Upgrade{"HTTP/1.1 101 Switching Protocols\r\n\r\n", std::make_unique<Brackets>()};
    }
};

class FrontDoorUpgrade : public FrontDoorTest {
protected:
    static constexpr const char* kUpgrade = "Connection: Upgrade\r\nUpgrade: brackets\r\n";

    BracketsUpgrade brackets_;
    const Registration mounted_ = door_->mountUpgrade("/ws/{id}", brackets_);
};

TEST_F(FrontDoorUpgrade, BytesBehindTheHeadGoToTheNewProtocol) {
    Client client = connect();
    client.send("GET /ws/a HTTP/1.1\r\nHost: hub\r\n" + std::string(kUpgrade) + "\r\nfirst");
    EXPECT_EQ(client.tcp().receiveUntil("\r\n\r\n"), "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    EXPECT_EQ(client.tcp().receive(7), "<first>");
    client.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(client.tcp().receive(20), "<GET / HTTP/1.1\r\n\r\n>");
}

TEST_F(FrontDoorUpgrade, ADeadlineOfTheRequestsIsNoneOfTheNewProtocol) {
    Client client = connect();
    client.get("/ws/a", kUpgrade);
    client.tcp().receiveUntil("\r\n\r\n");
    after(1h);
    client.send("still here");
    EXPECT_EQ(client.tcp().receiveUntil(">"), "<still here>");
}

TEST_F(FrontDoorUpgrade, ARefusedOneGoesOnWithHttp) {
    Client client = connect();
    EXPECT_EQ(client.get("/ws/bad", kUpgrade).receive().status(), 400);
    EXPECT_EQ(client.get("/ws/throw", kUpgrade).receive().status(), 500);
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /ws/throw failed: no brackets left"));
    client.get("/ws/good", kUpgrade);
    EXPECT_EQ(client.tcp().receiveUntil("\r\n\r\n"), "HTTP/1.1 101 Switching Protocols\r\n\r\n");
}

TEST_F(FrontDoorUpgrade, WithoutTheHeaderItIsRequired) {
    Client client = connect();
    const Received received = client.get("/ws/a").receive();
    EXPECT_EQ(received.status(), 426);
    EXPECT_TRUE(received.has("Upgrade: websocket"));
    client.send("GET /ws/a HTTP/1.0\r\n" + std::string(kUpgrade) + "\r\n");
    EXPECT_EQ(client.receive().status(), 426) << "HTTP/1.0 knows no upgrade";
}

TEST_F(FrontDoorUpgrade, ABodyIsRefused) {
    Client client = connect();
    EXPECT_EQ(client.get("/ws/a", std::string(kUpgrade) + "Content-Length: 1\r\n")
                  .send("x")
                  .receive()
                  .status(),
              400);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

}  // namespace
}  // namespace hub::http
