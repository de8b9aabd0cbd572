#include "net/refusals.h"

#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "metrics/metric_registry.h"

#include <gtest/gtest.h>

#include <string>

namespace hub::net {
namespace {

using namespace std::chrono_literals;
using Reason = Refusals::Reason;

class RefusalsTest : public testing::Test {
protected:
    void add(Reason reason, const std::string& address = "192.0.2.7:4711") {
        refusals_.add(reason, address, clock_.steady());
    }
    [[nodiscard]] bool counted(const std::string& sample) const {
        return metrics_.text().find("\nhub_refused_total" + sample + "\n") != std::string::npos;
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    metrics::MetricRegistry metrics_;
    Refusals refusals_{metrics_, logger_};
};

TEST_F(RefusalsTest, CountsEachReason) {
    add(Reason::AddressRate);
    for (int i = 0; i < 3; ++i) add(Reason::Descriptors);
    EXPECT_TRUE(counted("{reason=\"address_rate\"} 1"));
    EXPECT_TRUE(counted("{reason=\"descriptors\"} 3"));
    EXPECT_TRUE(counted("{reason=\"address_links\"} 0"));
    EXPECT_TRUE(counted("{reason=\"address_unregistered\"} 0"));
    EXPECT_TRUE(counted("{reason=\"descriptor_reserve\"} 0"));
}

TEST_F(RefusalsTest, KnowsTheReasonOfEachLimit) {
    using Limit = ConnectionLimiter::Limit;
    EXPECT_EQ(Refusals::reasonOf(Limit::AddressConnections), Reason::AddressLinks);
    EXPECT_EQ(Refusals::reasonOf(Limit::AddressRate), Reason::AddressRate);
    EXPECT_EQ(Refusals::reasonOf(Limit::AddressUnregistered), Reason::AddressUnregistered);
    EXPECT_EQ(Refusals::reasonOf(Limit::Connections), Reason::Reserve);
    EXPECT_EQ(Refusals::reasonOf(Limit::Links), Reason::Reserve);
}

TEST_F(RefusalsTest, SharesItsCountersWithWhoeverRefusesRequests) {
    refusalCounter(metrics_, "busy").add(2);
    EXPECT_TRUE(counted("{reason=\"busy\"} 2"));
    EXPECT_EQ(&refusalCounter(metrics_, "busy"), &refusalCounter(metrics_, "busy"));
}

TEST_F(RefusalsTest, TellsOncePerMinuteHowManyThereWere) {
    add(Reason::AddressLinks);
    for (int i = 0; i < 100; ++i) add(Reason::AddressLinks);
    clock_.advance(59'999ms);
    add(Reason::AddressLinks);
    ASSERT_EQ(logger_.lines().size(), 1U);
    EXPECT_EQ(logger_.lines()[0].message,
              "refused 1 connection, from 192.0.2.7:4711: one address has as many open as it may "
              "(hub.links_per_address)");

    clock_.advance(1ms);
    add(Reason::AddressLinks, "[2001:db8::7]:80");
    ASSERT_EQ(logger_.lines().size(), 2U);
    EXPECT_EQ(logger_.lines()[1].message,
              "refused 102 connections, the last from [2001:db8::7]:80: one address has as many "
              "open as it may (hub.links_per_address)");
}

TEST_F(RefusalsTest, TellsEachReasonByItself) {
    add(Reason::AddressLinks);
    add(Reason::AddressRate);
    add(Reason::AddressUnregistered);
    add(Reason::Reserve);
    add(Reason::Descriptors);
    EXPECT_EQ(logger_.lines().size(), 5U);
}

}  // namespace
}  // namespace hub::net
