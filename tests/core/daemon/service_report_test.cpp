#include "daemon/service_report.h"

#include "fakes/datagram_receiver.h"
#include "fakes/manual_clock.h"
#include "fakes/temporary_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace hub::daemon {
namespace {

using namespace std::chrono_literals;

class ServiceReportTest : public testing::Test {
protected:
    // A report to a manager whose watchdog waits that long; "": none.
    void begin(const std::string& watchdog_microseconds) {
        manager_ = std::make_unique<ServiceManager>(
            std::map<std::string, std::string>{{"NOTIFY_SOCKET", folder_.path() / "notify"},
                                               {"WATCHDOG_USEC", watchdog_microseconds}},
            1);
        report_ = std::make_unique<ServiceReport>(
            *manager_, clock_, [this] { return status_; }, [this] { return alive_; });
    }

    fakes::TemporaryFolder folder_;
    fakes::DatagramReceiver receiver_{folder_.path() / "notify"};
    fakes::ManualClock clock_;
    std::string status_ = "1 device online";
    bool alive_ = true;
    std::unique_ptr<ServiceManager> manager_;
    std::unique_ptr<ServiceReport> report_;
};

TEST_F(ServiceReportTest, BeginsWithReady) {
    begin("");
    EXPECT_EQ(report_->tell(), 10s);
    EXPECT_EQ(receiver_.next(), "READY=1\nSTATUS=1 device online");
    EXPECT_EQ(report_->tell(), 10s);
    EXPECT_EQ(receiver_.next(), "");
}

TEST_F(ServiceReportTest, TellsAStatusThatHasChangedEveryTenSeconds) {
    begin("");
    static_cast<void>(report_->tell());
    static_cast<void>(receiver_.next());

    status_ = "2 devices online";
    clock_.advance(9s);
    EXPECT_EQ(report_->tell(), 1s);
    EXPECT_EQ(receiver_.next(), "");
    clock_.advance(1s);
    EXPECT_EQ(report_->tell(), 10s);
    EXPECT_EQ(receiver_.next(), "STATUS=2 devices online");
    clock_.advance(10s);
    EXPECT_EQ(report_->tell(), 10s);
    EXPECT_EQ(receiver_.next(), "");
}

TEST_F(ServiceReportTest, GivesTheWatchdogTwiceAsManySignsAsItAsksFor) {
    begin("6000000");
    EXPECT_EQ(report_->tell(), 3s);
    EXPECT_EQ(receiver_.next(), "READY=1\nSTATUS=1 device online");
    EXPECT_EQ(receiver_.next(), "WATCHDOG=1");
    clock_.advance(2s);
    EXPECT_EQ(report_->tell(), 1s);
    EXPECT_EQ(receiver_.next(), "");
    clock_.advance(1s);
    EXPECT_EQ(report_->tell(), 3s);
    EXPECT_EQ(receiver_.next(), "WATCHDOG=1");
}

TEST_F(ServiceReportTest, LeavesTheWatchdogWaitingForAHubThatIsNotAlive) {
    begin("6000000");
    static_cast<void>(report_->tell());
    static_cast<void>(receiver_.next());
    static_cast<void>(receiver_.next());

    alive_ = false;
    clock_.advance(3s);
    static_cast<void>(report_->tell());
    EXPECT_EQ(receiver_.next(), "");
    alive_ = true;
    clock_.advance(3s);
    static_cast<void>(report_->tell());
    EXPECT_EQ(receiver_.next(), "WATCHDOG=1");
}

TEST_F(ServiceReportTest, AWatchdogWithoutPatienceIsNoBusyLoop) {
    begin("1");
    for (int i = 0; i < 3; ++i) {
        EXPECT_GE(report_->tell(), 10ms);
    }
}

TEST_F(ServiceReportTest, AsksNobodyWithoutAManager) {
    ServiceManager nobody({}, 1);
    ServiceReport report(
        nobody, clock_,
        []() -> std::string {
            ADD_FAILURE() << "nobody wants to know";
            return "";
        },
        [] {
            ADD_FAILURE() << "nobody wants to know";
            return true;
        });
    EXPECT_GE(report.tell(), 1min);
}

}  // namespace
}  // namespace hub::daemon
