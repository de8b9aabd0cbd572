#include "daemon/process_log.h"

#include "fakes/manual_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace hub::daemon {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// Writes where a test can read it, unless it is told to fail.
class FakeTarget final : public LogTarget {
public:
    std::vector<std::string> written;
    bool fails = false;
    bool throws = false;
    int reopened = 0;

private:
    [[nodiscard]] bool put(const LogLine& line) override {
        if (throws) throw std::bad_alloc();
        if (!fails) {
            written.push_back(std::string(toString(line.level)) + " " + line.logger + ": " +
                              line.message);
        }
        return !fails;
    }
    void openAgain() override { ++reopened; }
};

class ProcessLogTest : public testing::Test {
protected:
    FakeTarget& begin(LogLevels levels = {}) {
        auto target = std::make_unique<FakeTarget>();
        FakeTarget& borrowed = *target;
        log_ = std::make_unique<ProcessLog>(clock_, std::move(levels), std::move(target));
        return borrowed;
    }

    fakes::ManualClock clock_;
    std::unique_ptr<ProcessLog> log_;
};

TEST_F(ProcessLogTest, WritesUnderTheNameOfTheLogger) {
    const FakeTarget& target = begin();
    log_->logger("ws-transport")->warning("take\ncare");
    EXPECT_THAT(target.written, ElementsAre("warning ws-transport: take\\ncare"));
}

TEST_F(ProcessLogTest, EachPartHasItsLevel) {
    const FakeTarget& target =
        begin({LogLevel::Warning, {{"store", LogLevel::Debug}, {"hub", LogLevel::Error}}});
    for (const char* name : {"store", "hub", "http-api"}) {
        const auto logger = log_->logger(name);
        logger->debug("d");
        logger->warning("w");
        logger->error("e");
    }
    EXPECT_THAT(target.written,
                ElementsAre("debug store: d", "warning store: w", "error store: e", "error hub: e",
                            "warning http-api: w", "error http-api: e"));
    EXPECT_TRUE(log_->logger("store")->enabled(LogLevel::Debug));
    EXPECT_FALSE(log_->logger("hub")->enabled(LogLevel::Warning));
    EXPECT_TRUE(log_->logger("hub")->enabled(LogLevel::Error));
}

TEST_F(ProcessLogTest, KeepsInMemoryWhatItLogs) {
    begin();
    log_->logger("hub")->debug("too little");
    log_->logger("hub")->info("listening");
    const std::vector<LogLine> kept = log_->tail().newest(LogLevel::Debug, 10, 0);
    ASSERT_THAT(kept, SizeIs(1));
    EXPECT_EQ(kept[0].time, fakes::ManualClock::kStart);
    EXPECT_EQ(kept[0].level, LogLevel::Info);
    EXPECT_EQ(kept[0].logger, "hub");
    EXPECT_EQ(kept[0].message, "listening");
}

TEST_F(ProcessLogTest, ANewTargetHearsWhatWasLoggedBefore) {
    FakeTarget& console = begin();
    const auto logger = log_->logger("hub");
    logger->info("1");
    logger->info("2");
    EXPECT_FALSE(log_->moved());

    auto owned = std::make_unique<FakeTarget>();
    FakeTarget& file = *owned;
    log_->moveTo(std::move(owned));
    logger->info("3");
    EXPECT_TRUE(log_->moved());
    EXPECT_THAT(file.written, ElementsAre("info hub: 1", "info hub: 2", "info hub: 3"));
    EXPECT_THAT(console.written, ElementsAre("info hub: 1", "info hub: 2"));

    log_->reopen();
    EXPECT_EQ(file.reopened, 1);
    EXPECT_EQ(console.reopened, 0);
}

TEST_F(ProcessLogTest, CountsTheLinesItsTargetLoses) {
    FakeTarget& target = begin();
    const auto logger = log_->logger("hub");
    target.fails = true;
    logger->info("1");
    target.throws = true;
    logger->info("2");
    target.fails = target.throws = false;
    logger->info("3");
    logger->info("4");
    EXPECT_THAT(target.written, ElementsAre("warning log: 2 lines lost: they could not be written",
                                            "info hub: 3", "info hub: 4"));
    EXPECT_THAT(log_->tail().newest(LogLevel::Debug, 10, 0), SizeIs(4));
}

TEST_F(ProcessLogTest, ManyThreadsMayLog) {
    FakeTarget& target = begin();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this] {
            const auto logger = log_->logger("hub");
            for (int n = 0; n < 100; ++n) {
                logger->info("m");
                log_->reopen();
                static_cast<void>(log_->tail().newest(LogLevel::Debug, 5, 0));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_THAT(target.written, SizeIs(400));
    EXPECT_EQ(target.reopened, 400);
}

}  // namespace
}  // namespace hub::daemon
