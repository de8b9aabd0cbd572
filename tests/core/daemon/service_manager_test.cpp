#include "daemon/service_manager.h"

#include "fakes/datagram_receiver.h"
#include "fakes/temporary_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

namespace hub::daemon {
namespace {

using namespace std::chrono_literals;

constexpr pid_t kSelf = 4711;

class ServiceManagerTest : public testing::Test {
protected:
    ServiceManager manager(std::map<std::string, std::string> more = {}) const {
        more.emplace("NOTIFY_SOCKET", socket());
        return {more, kSelf};
    }
    std::string socket() const { return folder_.path() / "notify"; }

    fakes::TemporaryFolder folder_;
};

TEST_F(ServiceManagerTest, HearsOfEveryStep) {
    const fakes::DatagramReceiver receiver(socket());
    ServiceManager manager = this->manager();
    ASSERT_TRUE(manager.listens());
    manager.ready("3 devices online");
    EXPECT_EQ(receiver.next(), "READY=1\nSTATUS=3 devices online");
    manager.status("not ready:\nthe disk is full");
    EXPECT_EQ(receiver.next(), "STATUS=not ready: the disk is full");
    manager.alive();
    EXPECT_EQ(receiver.next(), "WATCHDOG=1");
    manager.stopping();
    EXPECT_EQ(receiver.next(), "STOPPING=1\nSTATUS=stopping");
}

TEST_F(ServiceManagerTest, IsFoundUnderAnAbstractName) {
    const std::string name = "@" + socket();
    const fakes::DatagramReceiver receiver(name);
    ServiceManager({{"NOTIFY_SOCKET", name}}, kSelf).alive();
    EXPECT_EQ(receiver.next(), "WATCHDOG=1");
}

TEST_F(ServiceManagerTest, MayBeMissing) {
    for (const std::string name : {"", "/", "relative", "vsock:2:1234"}) {
        ServiceManager manager({{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", "1000000"}}, kSelf);
        EXPECT_FALSE(manager.listens()) << name;
        EXPECT_EQ(manager.watchdog(), std::nullopt) << name;
        manager.ready("nobody hears it");
    }
    EXPECT_FALSE(ServiceManager({{"NOTIFY_SOCKET", "/" + std::string(200, 'x')}}, kSelf).listens());
    EXPECT_FALSE(ServiceManager({}, kSelf).listens());
}

TEST_F(ServiceManagerTest, MayBeGone) { manager().ready("nobody hears it"); }

TEST_F(ServiceManagerTest, SaysHowLongASilenceItTakes) {
    EXPECT_EQ(manager().watchdog(), std::nullopt);
    EXPECT_EQ(manager({{"WATCHDOG_USEC", "30000000"}}).watchdog(), 30s);
    EXPECT_EQ(manager({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "4711"}}).watchdog(), 30s);
    EXPECT_EQ(manager({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "1"}}).watchdog(),
              std::nullopt);
    for (const std::string nonsense : {"", "0", "-1", "30s", "99999999999999999999"}) {
        EXPECT_EQ(manager({{"WATCHDOG_USEC", nonsense}}).watchdog(), std::nullopt) << nonsense;
    }
}

}  // namespace
}  // namespace hub::daemon
