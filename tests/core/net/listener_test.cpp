#include "net/listener.h"

#include "core/net/mailbox.h"
#include "core/net/tcp_client.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "net/descriptor.h"
#include "net/socket_address.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace hub::net {
namespace {

class ListenerTest : public testing::Test {
protected:
    ListenerTest() { loops_.start(); }

    std::unique_ptr<Listener> listen(const std::string& address = "127.0.0.1",
                                     std::uint16_t port = 0) {
        return std::make_unique<Listener>(
            loops_, address, port, logger_,
            [this](Loop& loop, int descriptor, const std::string& peer) {
                const Descriptor accepted{descriptor};
                accepted_.put(loop.onThread() ? peer : "on another thread");
            });
    }
    std::string refusal(const std::string& address, std::uint16_t port = 0) {
        try {
            listen(address, port);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "none";
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    Mailbox accepted_;
    LoopGroup loops_{2, clock_};
};

TEST_F(ListenerTest, HandsOverWhoeverConnects) {
    const auto listener = listen();
    listener->start();
    const TcpClient client{listener->port()};
    const std::string local = SocketAddress::ofSocket(client.descriptor()).text();
    EXPECT_EQ(accepted_.take(), local);
}

TEST_F(ListenerTest, WhoeverConnectsBeforeTheStartIsHandedOverThen) {
    const auto listener = listen();
    const TcpClient early{listener->port()};
    const TcpClient also_early{listener->port()};
    EXPECT_TRUE(accepted_.empty());
    listener->start();
    accepted_.take();
    accepted_.take();
}

TEST_F(ListenerTest, ManyAtOnceAreAllHandedOver) {
    const auto listener = listen();
    std::vector<TcpClient> clients;
    for (int i = 0; i < 200; ++i) clients.emplace_back(listener->port());
    listener->start();
    for (int i = 0; i < 200; ++i) accepted_.take();
}

TEST_F(ListenerTest, ASecondOneOnThePortIsRefused) {
    const auto first = listen();
    EXPECT_EQ(refusal("127.0.0.1", first->port()),
              "cannot listen on 127.0.0.1:" + std::to_string(first->port()) +
                  ": address already in use (is another hub running? choose another port with "
                  "--port)");
}

TEST_F(ListenerTest, StoppedItLeavesThePort) {
    const auto first = listen();
    first->start();
    TcpClient client{first->port()};
    accepted_.take();
    first->stop();
    const auto second = listen("127.0.0.1", first->port());
    EXPECT_EQ(second->port(), first->port());
}

TEST_F(ListenerTest, CanBeStoppedAfterItsLoops) {
    const auto listener = listen();
    listener->start();
    loops_.stop();
    listener->stop();
    EXPECT_EQ(refusal("127.0.0.1", listener->port()), "none");
}

TEST_F(ListenerTest, UnderstandsLocalhostAndAllAddresses) {
    for (const char* address : {"localhost", "0.0.0.0"}) {
        const auto listener = listen(address);
        listener->start();
        const TcpClient client{listener->port()};
        EXPECT_TRUE(accepted_.take().starts_with("127.0.0.1:")) << address;
    }
}

TEST_F(ListenerTest, OnAllIpv6AddressesHearsIpv4TooOrSaysThatThereAreNone) {
    if (const std::string refused = refusal("::"); refused != "none") {
        EXPECT_TRUE(refused.starts_with("cannot listen on [::]")) << refused;
        return;
    }
    const auto listener = listen("::");
    listener->start();
    const TcpClient client{listener->port()};
    EXPECT_TRUE(accepted_.take().starts_with("127.0.0.1:"));
}

TEST_F(ListenerTest, RefusesWhatIsNoAddress) {
    EXPECT_EQ(refusal("example.org"),
              "cannot listen on 'example.org': not an IP address (use for instance 127.0.0.1, "
              "0.0.0.0, ::1, :: or localhost)");
    EXPECT_NE(refusal("192.0.2.1").find("this machine does not have the address"),
              std::string::npos);
}

TEST_F(ListenerTest, OutOfDescriptorsItRestsAndSaysSoOnce) {
    const auto listener = listen();
    const TcpClient client{listener->port()};
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const Descriptor last_free{::dup(0)};
    const rlimit none_left{static_cast<rlim_t>(last_free.value() + 1), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none_left);
    listener->start();
    for (int i = 0; i < 3; ++i) {
        for (std::size_t loop = 0; loop < loops_.size(); ++loop) loops_[loop].call([] {});
        clock_.advance(std::chrono::milliseconds{100});
    }
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(logger_.lines().size(), 1U);
    EXPECT_TRUE(
        logger_.contains(LogLevel::Error, "cannot accept connections: Too many open files"));
    clock_.advance(std::chrono::milliseconds{100});
    for (std::size_t loop = 0; loop < loops_.size(); ++loop) loops_[loop].wake();
    EXPECT_TRUE(accepted_.take().starts_with("127.0.0.1:"));
}

}  // namespace
}  // namespace hub::net
