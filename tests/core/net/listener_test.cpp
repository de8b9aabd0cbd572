#include "net/listener.h"

#include "core/net/mailbox.h"
#include "core/net/tcp_client.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "net/connection.h"
#include "net/descriptor.h"
#include "net/socket_address.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hub::net {
namespace {

// Tells who came, and closes the connection.
class Visitors final : public Service {
public:
    void accept(Loop& loop, Descriptor, const SocketAddress& peer) override {
        came_.put(loop.onThread() ? peer.text() : "on another thread");
    }
    void turnAway(Loop& loop, Descriptor connection, const SocketAddress& peer) override {
        Connection::refuse(std::move(connection), "sorry, " + peer.text());
        turned_away_.put(loop.onThread() ? peer.text() : "on another thread");
    }

    Mailbox came_;
    Mailbox turned_away_;
};

// While it lives, the process may open no descriptor of this number or above it.
class DescriptorLimit {
public:
    explicit DescriptorLimit(int number) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit lowered{static_cast<rlim_t>(number), before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &lowered);
    }
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;

private:
    rlimit before_{};
};

class ListenerTest : public testing::Test {
protected:
    ListenerTest() { loops_.start(); }

    std::unique_ptr<Listener> listen(const std::string& address = "127.0.0.1",
                                     std::uint16_t port = 0) {
        return std::make_unique<Listener>(loops_, address, port, logger_, visitors_);
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
    Visitors visitors_;
    Mailbox& accepted_ = visitors_.came_;
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

class ListenerOutOfDescriptors : public ListenerTest {
protected:
    ListenerOutOfDescriptors() {
        for (int i = 0; i < kClients; ++i) clients_.emplace_back(listener_->port());
    }

    void settle() {
        for (std::size_t loop = 0; loop < loops_.size(); ++loop) {
            loops_[loop].wake();
            for (int turn = 0; turn < 3; ++turn) loops_[loop].call([] {});
        }
    }

    static constexpr int kClients = 200;  // more than one burst
    std::unique_ptr<Listener> listener_ = listen();
    std::vector<TcpClient> clients_;
};

TEST_F(ListenerOutOfDescriptors, TurnsWhoeverComesAwayAndServesNobody) {
    {
        const Descriptor last_free{::dup(0)};
        const DescriptorLimit none_left(last_free.value() + 1);
        listener_->start();
        // When one loop was quicker than the other to get at a spare descriptor, that one rests.
        for (int i = 0, turned_away = 0; i < 1000 && turned_away < kClients; ++i) {
            settle();
            clock_.advance(std::chrono::milliseconds{100});
            for (; !visitors_.turned_away_.empty(); ++turned_away) visitors_.turned_away_.take();
        }
        for (TcpClient& client : clients_) {
            const std::string address = SocketAddress::ofSocket(client.descriptor()).text();
            EXPECT_EQ(client.receiveAll(), "sorry, " + address);
        }
        EXPECT_TRUE(accepted_.empty());
    }
    const TcpClient next{listener_->port()};
    EXPECT_TRUE(accepted_.take().starts_with("127.0.0.1:"));
}

TEST_F(ListenerOutOfDescriptors, RestsWithoutASpareOneAndSaysSoOnce) {
    {
        const DescriptorLimit not_even_the_spare_ones(3);
        listener_->start();
        for (int i = 0; i < 3; ++i) {
            settle();
            clock_.advance(std::chrono::milliseconds{100});
        }
    }
    EXPECT_TRUE(accepted_.empty());
    EXPECT_TRUE(visitors_.turned_away_.empty());
    EXPECT_LE(logger_.lines().size(), loops_.size());
    EXPECT_TRUE(
        logger_.contains(LogLevel::Error, "cannot accept connections: Too many open files"));
    // Until every loop has its spare one again, whoever comes is turned away.
    int gone = 0;
    for (int i = 0; i < 1000 && gone < kClients; ++i) {
        clock_.advance(std::chrono::milliseconds{100});
        settle();
        for (; !accepted_.empty(); ++gone) accepted_.take();
        for (; !visitors_.turned_away_.empty(); ++gone) visitors_.turned_away_.take();
    }
    EXPECT_EQ(gone, kClients);
    const TcpClient next{listener_->port()};
    EXPECT_TRUE(accepted_.take().starts_with("127.0.0.1:"));
}

}  // namespace
}  // namespace hub::net
