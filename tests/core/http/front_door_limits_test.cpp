#include "core/net/tcp_client.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "http/front_door.h"
#include "metrics/metric_registry.h"
#include "net/listener.h"
#include "net/loop_group.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace hub::http {
namespace {

using namespace std::chrono_literals;

// A front door on two loops, which share its limits. Time stands still until a test moves it.
class FrontDoorLimits : public testing::Test {
protected:
    ~FrontDoorLimits() override { loops_.stop(); }

    void serve(const net::AddressLimits& limits, const net::TotalLimits& in_all = {}) {
        FrontDoorSettings settings;
        settings.per_address = limits;
        settings.in_all = in_all;
        door_ = std::make_unique<FrontDoor>(loops_, settings, metrics_, logger_);
        hello_ = door_->route("GET", "/hello", [](const HttpRequest&) { return HttpResponse{}; });
        listener_ =
            std::make_unique<net::Listener>(loops_, "127.0.0.1", std::uint16_t{0}, logger_, *door_);
        loops_.start();
        listener_->start();
    }
    [[nodiscard]] net::TcpClient connect(const char* from = "127.0.0.1") const {
        return net::TcpClient{listener_->port(), from};
    }
    // The client is served; its connection stays open.
    static void expectServed(net::TcpClient& client) {
        client.send("GET /hello HTTP/1.1\r\nHost: hub\r\n\r\n");
        EXPECT_TRUE(client.receiveUntil("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    }
    static void expectRefused(net::TcpClient& client, const std::string& status,
                              const std::string& retry_after) {
        const std::string answer = client.receiveAll();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + status + "\r\n")) << answer;
        EXPECT_NE(answer.find("\r\nRetry-After: " + retry_after + "\r\n"), std::string::npos);
        EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
        EXPECT_NE(answer.find("\r\nContent-Type: application/problem+json\r\n"), std::string::npos);
        EXPECT_TRUE(answer.ends_with("}")) << answer;
    }
    [[nodiscard]] bool shows(const std::string& sample) const {
        return metrics_.text().find('\n' + sample + '\n') != std::string::npos;
    }
    void settle() {
        for (std::size_t loop = 0; loop < loops_.size(); ++loop) {
            loops_[loop].wake();
            for (int turn = 0; turn < 4; ++turn) loops_[loop].call([] {});
        }
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    metrics::MetricRegistry metrics_;
    net::LoopGroup loops_{2, clock_};
    std::unique_ptr<FrontDoor> door_;
    Registration hello_;
    std::unique_ptr<net::Listener> listener_;
};

TEST_F(FrontDoorLimits, BoundTheConnectionsOfAnAddressOverAllLoops) {
    serve({.connections = 10});
    std::vector<net::TcpClient> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(connect());
        expectServed(clients.back());
    }
    EXPECT_TRUE(shows("hub_connections 10"));
    for (int i = 0; i < 20; ++i) {
        net::TcpClient refused = connect();
        expectRefused(refused, "503 Service Unavailable", "10");
    }
    net::TcpClient other = connect("127.0.0.2");
    expectServed(other);

    EXPECT_TRUE(shows("hub_connections 11"));
    EXPECT_TRUE(shows("hub_connections_total 11"));
    EXPECT_TRUE(shows("hub_refused_total{reason=\"address_links\"} 20"));
    ASSERT_EQ(logger_.lines().size(), 1U);
    EXPECT_TRUE(logger_.contains(LogLevel::Warning, "refused 1 connection, from 127.0.0.1:"));
}

TEST_F(FrontDoorLimits, FreeAPlaceWithItsConnection) {
    serve({.connections = 1});
    net::TcpClient first = connect();
    expectServed(first);
    first.close();
    // The kernel may take a moment to tell.
    for (int i = 0; i < 100'000 && !shows("hub_connections 0"); ++i) settle();
    net::TcpClient second = connect();
    expectServed(second);
    EXPECT_TRUE(shows("hub_connections 1"));
    EXPECT_TRUE(shows("hub_connections_total 2"));
}

TEST_F(FrontDoorLimits, BoundHowFastAnAddressConnects) {
    serve({.connects_per_second = 2});
    std::vector<net::TcpClient> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(connect());
        expectServed(clients.back());
    }
    net::TcpClient refused = connect();
    expectRefused(refused, "429 Too Many Requests", "2");
    net::TcpClient other = connect("127.0.0.2");
    expectServed(other);
    EXPECT_TRUE(shows("hub_refused_total{reason=\"address_rate\"} 1"));

    clock_.advance(500ms);
    settle();
    net::TcpClient later = connect();
    expectServed(later);
}

TEST_F(FrontDoorLimits, BoundTheConnectionsOfAllAddressesTogether) {
    serve({}, {.connections = 2});
    net::TcpClient first = connect("127.0.0.1");
    net::TcpClient second = connect("127.0.0.2");
    expectServed(first);
    expectServed(second);
    for (int i = 0; i < 20; ++i) {
        net::TcpClient refused = connect("127.0.0.3");
        expectRefused(refused, "503 Service Unavailable", "10");
    }
    expectServed(first);
    EXPECT_TRUE(shows("hub_refused_total{reason=\"descriptor_reserve\"} 20"));
    ASSERT_EQ(logger_.lines().size(), 1U);
    EXPECT_TRUE(logger_.contains(LogLevel::Warning,
                                 "the descriptors that are left are kept for the store"));
}

// The answer must not be lost because the request was not read.
TEST_F(FrontDoorLimits, AreExplainedToAClientThatHasAskedAlready) {
    serve({.connections = 1});
    net::TcpClient first = connect();
    expectServed(first);
    for (int i = 0; i < 50; ++i) {
        net::TcpClient refused = connect();
        refused.send("GET /hello HTTP/1.1\r\nHost: hub\r\n\r\n");
        EXPECT_TRUE(refused.receiveUntil("\r\n\r\n").starts_with("HTTP/1.1 503 "));
    }
}

TEST_F(FrontDoorLimits, OutOfDescriptorsWhoeverComesIsTurnedAwayAndTheRestIsServed) {
    serve({});
    net::TcpClient inside = connect();
    expectServed(inside);
    // They keep their descriptors to the end: what one of them left, the next would be served with.
    std::vector<net::TcpClient> refused;
    for (int i = 0; i < 20; ++i) {
        refused.emplace_back(net::Descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)});
    }
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const net::Descriptor last_free{::dup(0)};
    const rlimit none_left{static_cast<rlim_t>(last_free.value() + 1), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none_left);
    const auto address = net::SocketAddress::parse("127.0.0.1", listener_->port());
    for (net::TcpClient& client : refused) {
        ASSERT_EQ(::connect(client.descriptor(), address->get(), address->size()), 0);
        expectRefused(client, "503 Service Unavailable", "10");
    }
    expectServed(inside);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(shows("hub_refused_total{reason=\"descriptors\"} 20"));
    ASSERT_EQ(logger_.lines().size(), 1U);
    EXPECT_TRUE(logger_.contains(LogLevel::Warning, "no descriptor is left for them"));
    net::TcpClient next = connect();
    expectServed(next);
}

}  // namespace
}  // namespace hub::http
