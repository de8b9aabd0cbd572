#include "plugins/lease.h"

#include "fakes/recording_logger.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace hub::plugins {
namespace {

class LeaseTest : public testing::Test {
protected:
    // A registration of something that is attached to the hub.
    Registration attached() {
        ++attached_;
        return Registration([this] { --attached_; });
    }

    std::shared_ptr<fakes::RecordingLogger> faults_ = std::make_shared<fakes::RecordingLogger>();
    std::shared_ptr<Lease> lease_ = std::make_shared<Lease>("lamp", faults_);
    int attached_ = 0;
};

TEST_F(LeaseTest, PermitsWhileItLasts) {
    EXPECT_TRUE(lease_->call("Devices::find"));
    EXPECT_TRUE(lease_->callBack());
    EXPECT_TRUE(lease_->permits("DeviceSession::publish"));
    EXPECT_FALSE(lease_->strays());
}

TEST_F(LeaseTest, RefusesAfterItsEndAndNamesTheFirstFault) {
    EXPECT_EQ(lease_->end(), "");
    EXPECT_FALSE(lease_->callBack());
    EXPECT_FALSE(lease_->strays());

    EXPECT_FALSE(lease_->call("Devices::find"));
    EXPECT_FALSE(lease_->permits("DeviceSession::publish"));
    ASSERT_EQ(faults_->lines().size(), 1U);
    EXPECT_EQ(faults_->lines()[0].level, LogLevel::Error);
    EXPECT_EQ(faults_->lines()[0].message,
              "plugin lamp calls the hub (Devices::find) after it has been stopped: refused. A "
              "thread of it still runs, which is a fault of the plugin.");
    EXPECT_TRUE(lease_->strays());
}

TEST_F(LeaseTest, ThrowsWhereThereIsNoOtherWayOut) {
    { const auto inside = lease_->callOrThrow("HttpRoutes::route"); }
    lease_->end();
    EXPECT_THROW((void)lease_->callOrThrow("HttpRoutes::route"), std::logic_error);
    EXPECT_EQ(lease_->refusal().kind, Error::Kind::Unavailable);
    EXPECT_EQ(lease_->refusal().message, "plugin lamp has been stopped");
}

TEST_F(LeaseTest, RevokingRefusesWithoutWaiting) {
    const auto inside = lease_->call("Devices::forget");
    lease_->revoke();
    EXPECT_FALSE(lease_->call("Devices::find"));
    EXPECT_FALSE(lease_->callBack());
}

TEST_F(LeaseTest, WhatIsGivenBackIsDetached) {
    {
        const Registration route = lease_->lend(Lease::Holding::Route, attached());
        EXPECT_EQ(attached_, 1);
    }
    EXPECT_EQ(attached_, 0);
    EXPECT_EQ(lease_->end(), "");
}

TEST_F(LeaseTest, ItsEndDetachesWhatWasKept) {
    std::optional<Registration> first = lease_->lend(Lease::Holding::Route, attached());
    const Registration second = lease_->lend(Lease::Holding::Route, attached());
    const Registration store = lease_->lend(Lease::Holding::Store, attached());

    EXPECT_EQ(lease_->end(), "2 routes, 1 store");
    EXPECT_EQ(attached_, 0);
    EXPECT_FALSE(lease_->strays());

    first.reset();
    EXPECT_EQ(attached_, 0);
}

TEST_F(LeaseTest, AKeptRegistrationMayOutliveTheHost) {
    const Registration route = lease_->lend(Lease::Holding::Route, attached());
    lease_->end();
    lease_.reset();
    EXPECT_EQ(attached_, 0);
}

TEST_F(LeaseTest, StraysAsLongAsSinksOrSessionsAreHeld) {
    auto sink = std::make_unique<Lease::Loan>(lease_, Lease::Holding::Sink);
    auto session = std::make_unique<Lease::Loan>(lease_, Lease::Holding::Session);
    EXPECT_EQ(lease_->end(), "1 event sink, 1 device session");

    session.reset();
    EXPECT_TRUE(lease_->strays());
    sink.reset();
    EXPECT_FALSE(lease_->strays());
}

}  // namespace
}  // namespace hub::plugins
