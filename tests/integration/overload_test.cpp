// A database that cannot be written for a while: the hub says so, slows its devices down, loses
// nothing, and goes on by itself.
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <string>
#include <thread>

namespace hub::integration {
namespace {

// Holds the write lock of a database, as a careless script does.
class WriteLock {
public:
    explicit WriteLock(const std::filesystem::path& file) {
        sqlite3_open(file.c_str(), &database_);
        sqlite3_busy_timeout(database_, 60'000);
        sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    }
    ~WriteLock() { release(); }
    WriteLock(const WriteLock&) = delete;
    WriteLock& operator=(const WriteLock&) = delete;

    void release() {
        sqlite3_close(database_);
        database_ = nullptr;
    }

private:
    sqlite3* database_ = nullptr;
};

TEST(Overload, ALockedDatabaseSlowsDevicesDownAndLosesNothing) {
    const fakes::TemporaryFolder folder;
    HubProcess hub(folder.path(), {"--set", "hub.log_limit=1M"});
    DeviceClient device(hub.port(), "lamp");
    device.send(R"({"message_type":"registration","device_type":"sensor","msg_id":0})");
    ASSERT_EQ(device.receive(), R"({"message_type":"ack","msg_id":0})");

    // About 13 MB: far more than the log and the sockets between can hold.
    constexpr int kMessages = 50'000;
    const std::string padding(200, 'x');
    WriteLock lock(folder.path() / "hub.db");
    std::atomic<int> sent = 0;
    std::thread sender([&] {
        for (int n = 1; n <= kMessages; ++n) {
            device.send(R"({"message_type":"status","msg_id":)" + std::to_string(n) +
                        R"(,"payload":{"pad":")" + padding + "\"}}");
            sent = n;
        }
    });
    // The log may be full before the store has given up waiting for the lock: two reasons.
    const std::string reason = "another process holds its lock";
    const Reply ready = getUntil(hub.port(), "/readyz", reason);
    EXPECT_THAT(ready.body, testing::HasSubstr(reason));
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(get(hub.port(), "/health").status, 200);
    EXPECT_EQ(get(hub.port(), "/api/devices/lamp").status, 200);
    EXPECT_LT(sent, kMessages) << "nothing slowed the device down";

    lock.release();
    for (int n = 1; n <= kMessages; ++n) {
        ASSERT_EQ(device.receive(), R"({"message_type":"ack","msg_id":)" + std::to_string(n) + "}");
    }
    sender.join();
    EXPECT_EQ(get(hub.port(), "/readyz").status, 200);
    EXPECT_EQ(queryOne(folder.path() / "hub.db", "SELECT count(*) FROM device_state_snapshots"),
              std::to_string(kMessages));
}

}  // namespace
}  // namespace hub::integration
