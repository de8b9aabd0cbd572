#include "net/connection_limiter.h"

#include "fakes/manual_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace hub::net {
namespace {

using namespace std::chrono_literals;
using Admission = ConnectionLimiter::Admission;
using Limit = ConnectionLimiter::Limit;

class ConnectionLimiterTest : public testing::Test {
protected:
    static SocketAddress address(const std::string& host) {
        return *SocketAddress::parse(host, 50'000);
    }

    static std::string words(Limit limit) {
        switch (limit) {
            case Limit::AddressConnections:
                return "too many";
            case Limit::AddressRate:
                return "too fast";
            case Limit::Connections:
                return "full";
            case Limit::AddressUnregistered:
            case Limit::Links:
                break;
        }
        return "no limit of connections";
    }

    // Keeps the connection open, if it is admitted; says what became of it.
    std::string connect(const std::string& host = "192.0.2.7") {
        auto result = limiter().admit(address(host));
        if (const auto* limit = std::get_if<Limit>(&result)) {
            return words(*limit);
        }
        open_.push_back(std::move(std::get<Admission>(result)));
        return "admitted";
    }
    int admittedOf(int connections, const std::string& host = "192.0.2.7") {
        int admitted = 0;
        for (int i = 0; i < connections; ++i) admitted += connect(host) == "admitted" ? 1 : 0;
        return admitted;
    }
    ConnectionLimiter& limiter() {
        if (!limiter_) limiter_ = std::make_unique<ConnectionLimiter>(limits_, in_all_, clock_);
        return *limiter_;
    }

    AddressLimits limits_;
    TotalLimits in_all_;
    fakes::ManualClock clock_;
    std::unique_ptr<ConnectionLimiter> limiter_;
    std::vector<Admission> open_;
};

TEST_F(ConnectionLimiterTest, WithoutLimitsAdmitsEverybody) {
    EXPECT_EQ(admittedOf(1000), 1000);
    EXPECT_EQ(limiter().open(), 1000U);
    EXPECT_FALSE(open_.back().becomeLink());
}

TEST_F(ConnectionLimiterTest, BoundsTheOpenConnectionsOfAnAddress) {
    limits_.connections = 3;
    EXPECT_EQ(admittedOf(3), 3);
    EXPECT_EQ(connect(), "too many");
    EXPECT_EQ(connect("192.0.2.8"), "admitted");

    open_.erase(open_.begin());
    EXPECT_EQ(connect(), "admitted");
    EXPECT_EQ(connect(), "too many");
}

TEST_F(ConnectionLimiterTest, CountsAnIpv4PeerOfAnIpv6SocketByItsIpv4Address) {
    limits_.connections = 1;
    EXPECT_EQ(connect("192.0.2.7"), "admitted");
    EXPECT_EQ(connect("::ffff:192.0.2.7"), "too many");
    EXPECT_EQ(connect("::ffff:192.0.2.8"), "admitted");
}

TEST_F(ConnectionLimiterTest, CountsIpv6BySubscriber) {
    limits_.connections = 1;
    EXPECT_EQ(connect("2001:db8:1:2::1"), "admitted");
    EXPECT_EQ(connect("2001:db8:1:2:ffff:ffff:ffff:ffff"), "too many");
    EXPECT_EQ(connect("2001:db8:1:3::1"), "admitted");
}

TEST_F(ConnectionLimiterTest, AdmitsTwoSecondsWorthAtOnceAndThenTheRate) {
    limits_.connects_per_second = 10;
    EXPECT_EQ(admittedOf(100), 20);
    EXPECT_EQ(connect(), "too fast");
    EXPECT_EQ(admittedOf(100, "192.0.2.8"), 20);

    clock_.advance(99ms);
    EXPECT_EQ(connect(), "too fast");
    clock_.advance(1ms);
    EXPECT_EQ(admittedOf(100), 1);
    clock_.advance(1s);
    EXPECT_EQ(admittedOf(100), 10);
    clock_.advance(1h);
    EXPECT_EQ(admittedOf(100), 20);
}

TEST_F(ConnectionLimiterTest, RemembersTheRateOfAnAddressThatHasNoConnection) {
    limits_.connects_per_second = 1;
    EXPECT_EQ(admittedOf(3), 2);
    open_.clear();
    EXPECT_EQ(connect(), "too fast");
    clock_.advance(1s);
    EXPECT_EQ(admittedOf(3), 1);
}

TEST_F(ConnectionLimiterTest, ARefusalTakesNothingFromTheRate) {
    limits_.connections = 1;
    limits_.connects_per_second = 1;
    EXPECT_EQ(connect(), "admitted");
    for (int i = 0; i < 100; ++i) EXPECT_EQ(connect(), "too many");
    open_.clear();
    EXPECT_EQ(connect(), "admitted");
}

TEST_F(ConnectionLimiterTest, BoundsTheUnregisteredConnectionsOfAnAddress) {
    limits_.unregistered = 2;
    admittedOf(4);
    EXPECT_FALSE(open_[0].becomeLink());
    EXPECT_FALSE(open_[1].becomeLink());
    EXPECT_FALSE(open_[1].becomeLink()) << "counts once";
    EXPECT_EQ(open_[2].becomeLink(), Limit::AddressUnregistered);

    open_[0].registered();
    open_[0].registered();
    EXPECT_FALSE(open_[2].becomeLink());
    EXPECT_EQ(open_[3].becomeLink(), Limit::AddressUnregistered);

    open_.erase(open_.begin() + 1);  // ends unregistered
    EXPECT_FALSE(open_.back().becomeLink());
}

TEST_F(ConnectionLimiterTest, BoundsTheConnectionsOfAllAddressesTogether) {
    in_all_.connections = 3;
    EXPECT_EQ(connect("192.0.2.1"), "admitted");
    EXPECT_EQ(connect("192.0.2.2"), "admitted");
    EXPECT_EQ(connect("2001:db8::1"), "admitted");
    EXPECT_EQ(connect("192.0.2.4"), "full");
    EXPECT_EQ(limiter().addresses(), 3U) << "none is remembered for a refusal";

    open_.erase(open_.begin());
    EXPECT_EQ(connect("192.0.2.4"), "admitted");
    EXPECT_EQ(connect("192.0.2.1"), "full");
}

TEST_F(ConnectionLimiterTest, BoundsTheLinksAmongTheConnections) {
    in_all_ = {.connections = 4, .links = 2};
    for (int i = 0; i < 4; ++i) EXPECT_EQ(connect("192.0.2." + std::to_string(i)), "admitted");
    EXPECT_FALSE(open_[0].becomeLink());
    EXPECT_FALSE(open_[1].becomeLink());
    open_[0].registered();
    EXPECT_EQ(open_[2].becomeLink(), Limit::Links) << "a registered one counts on";
    EXPECT_FALSE(open_[1].becomeLink()) << "it is one";

    open_.erase(open_.begin());
    EXPECT_FALSE(open_[1].becomeLink());
    EXPECT_EQ(open_[2].becomeLink(), Limit::Links);
    open_.erase(open_.begin());  // ends unregistered
    EXPECT_FALSE(open_[1].becomeLink());
}

TEST_F(ConnectionLimiterTest, ALinkThatCameToNothingLeavesItsPlaces) {
    in_all_.links = 1;
    limits_.unregistered = 1;
    admittedOf(2);
    EXPECT_FALSE(open_[0].becomeLink());
    open_[0].leaveLinks();
    open_[0].leaveLinks();
    EXPECT_FALSE(open_[1].becomeLink());
    open_[1].registered();
    EXPECT_EQ(open_[0].becomeLink(), Limit::Links);
    open_[1].leaveLinks();
    EXPECT_FALSE(open_[0].becomeLink());
    open_.clear();
    EXPECT_EQ(limiter().open(), 0U);
}

TEST_F(ConnectionLimiterTest, ConnectionsOfNoAddressAreNotLimited) {
    Admission none;
    EXPECT_FALSE(none.becomeLink());
    none.registered();
    EXPECT_EQ(limiter().open(), 0U);
}

TEST_F(ConnectionLimiterTest, ForgetsAnAddressWithItsLastConnection) {
    limits_.connections = 10;
    for (int i = 0; i < 200; ++i) connect("10.0.0." + std::to_string(i));
    EXPECT_EQ(limiter().addresses(), 200U);
    open_.clear();
    EXPECT_EQ(limiter().addresses(), 0U);
    EXPECT_EQ(limiter().open(), 0U);
    EXPECT_EQ(limiter().admitted(), 200U);
}

TEST_F(ConnectionLimiterTest, ForgetsAnAddressOnlyWhenItsBucketIsFullAgain) {
    limits_.connects_per_second = 1;
    for (int i = 0; i < 200; ++i) connect("10.0.0." + std::to_string(i));
    open_.clear();
    EXPECT_EQ(limiter().addresses(), 200U);
    clock_.advance(1s);
    for (int i = 0; i < 100; ++i) {
        connect("10.0.1." + std::to_string(i));
        open_.clear();
    }
    EXPECT_LE(limiter().addresses(), 100U);
}

// One that comes again and again at its rate must not keep the others from being forgotten.
TEST_F(ConnectionLimiterTest, AnAddressThatIsNeverIdleForLongDoesNotKeepTheOthers) {
    limits_.connects_per_second = 1;
    connect("10.9.9.9");
    for (int i = 0; i < 100; ++i) connect("10.0.0." + std::to_string(i));
    open_.clear();
    for (int second = 0; second < 200; ++second) {
        clock_.advance(1s);
        EXPECT_EQ(connect("10.9.9.9"), "admitted");
        open_.clear();
    }
    EXPECT_EQ(limiter().addresses(), 1U);
}

TEST_F(ConnectionLimiterTest, IsSharedByThreads) {
    constexpr int kRounds = 2000;
    limits_.connections = 8;
    limits_.unregistered = 4;
    ConnectionLimiter& shared = limiter();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&shared] {
            for (int round = 0; round < kRounds; ++round) {
                auto first = shared.admit(address("192.0.2.7"));
                auto second = shared.admit(address("192.0.2.7"));
                auto& admission = std::get<Admission>(first);
                EXPECT_FALSE(admission.becomeLink());
                admission.registered();
                EXPECT_TRUE(std::holds_alternative<Admission>(second));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(shared.open(), 0U);
    EXPECT_EQ(shared.addresses(), 0U);
    EXPECT_EQ(shared.admitted(), 4U * 2 * kRounds);
}

}  // namespace
}  // namespace hub::net
