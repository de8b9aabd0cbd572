// `kill -9` at random moments of a numbered load: nothing acknowledged is lost, nothing was shown
// that is not there afterwards, and what is there has no holes.
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <thread>

namespace hub::integration {
namespace {

constexpr int kTrials = 20;
// The most that may be sent and not yet acknowledged.
constexpr int kWindow = 200;

class KillTest : public testing::Test {
protected:
    // Sends numbered statuses, counting on from `sent_`, until the link breaks.
    void load(std::uint16_t port) {
        try {
            DeviceClient device(port, "counter");
            device.send(R"({"message_type":"registration","device_type":"sensor"})");
            while (true) {
                while (sent_ - acknowledged_ < kWindow) {
                    const std::string number = std::to_string(++sent_);
                    device.send(R"({"message_type":"status","msg_id":)" + number +
                                R"(,"payload":{"n":)" + number + "}}");
                }
                const std::string ack = device.receive();
                if (ack.empty()) return;
                acknowledged_ = std::stoi(ack.substr(ack.rfind(':') + 1));
            }
        } catch (const std::exception&) {
            // The hub was killed: what was acknowledged is known.
        }
    }

    // Asks for the newest state until the hub is gone.
    void watch(std::uint16_t port) {
        try {
            while (true) {
                const std::string body = get(port, "/api/state-history/counter?limit=1").body;
                const std::size_t at = body.find("\"n\":");
                if (at != std::string::npos) shown_ = std::stoi(body.substr(at + 4));
            }
        } catch (const std::exception&) {
        }
    }

    std::filesystem::path database() const { return folder_.path() / "hub.db"; }

    int stored(const std::string& expression) const {
        return std::stoi(queryOne(
            database(), "SELECT coalesce(" + expression + ", 0) FROM device_state_snapshots"));
    }

    fakes::TemporaryFolder folder_;
    std::atomic<int> sent_ = 0;
    std::atomic<int> acknowledged_ = 0;
    std::atomic<int> shown_ = 0;
};

TEST_F(KillTest, NothingAcknowledgedIsLost) {
    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << '\n';
    std::mt19937 random(seed);
    std::chrono::milliseconds slowest_start{0};
    int total_acknowledged = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
        const auto begin = std::chrono::steady_clock::now();
        HubProcess hub(folder_.path());
        ASSERT_EQ(get(hub.port(), "/readyz").status, 200);
        slowest_start =
            std::max(slowest_start, std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now() - begin));
        // The device goes on behind what is in the database, which it may count as acknowledged.
        acknowledged_ = sent_ = stored("max(json_extract(state_data, '$.n'))");
        const int first = acknowledged_;
        const int target = first + 1 + static_cast<int>(random() % 3000);
        std::thread device([&] { load(hub.port()); });
        std::thread watcher([&] { watch(hub.port()); });
        while (acknowledged_ < target) std::this_thread::yield();
        hub.crash();
        device.join();
        watcher.join();

        total_acknowledged += acknowledged_ - first;
        const int newest = stored("max(json_extract(state_data, '$.n'))");
        EXPECT_GE(newest, acknowledged_) << "trial " << trial;
        EXPECT_GE(newest, shown_) << "trial " << trial;
        EXPECT_EQ(stored("count(DISTINCT json_extract(state_data, '$.n'))"), newest)
            << "a hole below the newest row, trial " << trial;
        EXPECT_EQ(queryOne(database(), "PRAGMA integrity_check"), "ok") << "trial " << trial;
    }
    std::cout << total_acknowledged << " acknowledged over " << kTrials
              << " kills, slowest start to ready " << slowest_start.count() << " ms\n";
}

// Somebody takes the write-ahead log for a leftover, again and again, while devices report and
// history is read. What is acknowledged afterwards, and what was, outlives a kill.
TEST_F(KillTest, NothingAcknowledgedIsLostWithALogThatIsTakenAway) {
    constexpr int kRemovals = 5;
    constexpr int kAcknowledged = 300;  // between two of them
    HubProcess hub(folder_.path());
    std::thread device([&] { load(hub.port()); });
    std::thread watcher([&] { watch(hub.port()); });
    for (int removals = 0; removals <= kRemovals; ++removals) {
        for (const int target = acknowledged_ + kAcknowledged; acknowledged_ < target;) {
            std::this_thread::yield();
        }
        if (removals == kRemovals) break;
        std::filesystem::remove(database().string() + "-wal");
        if (removals % 2 == 1) std::filesystem::remove(database().string() + "-shm");
    }
    hub.crash();
    device.join();
    watcher.join();

    const int newest = stored("max(json_extract(state_data, '$.n'))");
    EXPECT_GE(newest, acknowledged_);
    EXPECT_GE(newest, shown_);
    EXPECT_EQ(stored("count(DISTINCT json_extract(state_data, '$.n'))"), newest);
    EXPECT_EQ(queryOne(database(), "PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace hub::integration
