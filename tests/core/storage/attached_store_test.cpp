#include "storage/attached_store.h"

#include "fakes/fake_store.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "metrics/metric_registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

namespace hub::storage {
namespace {

using namespace std::chrono_literals;

class AttachedStoreTest : public testing::Test {
protected:
    AttachedStoreTest() {
        log_.retain(1, {});
        const Event status{.sequence = 1, .kind = EventKind::Status, .payload = "{}"};
        EXPECT_TRUE(store_.append({&status, 1}).ok());
    }

    void attach() {
        attached_.attach(store_, store_,
                         {clock_, logger_, metrics_, [] { return std::vector<SignOfLife>{}; }});
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    fakes::FakeStore store_;
    metrics::MetricRegistry metrics_;
    router::EventLog log_{1 << 20, clock_, metrics_};
    AttachedStore attached_{log_};
};

TEST_F(AttachedStoreTest, WithoutAStoreThereIsNoHistory) {
    const auto read = attached_.states({}, [](const StateRow&) { return true; });
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().kind, Error::Kind::Unavailable);
    EXPECT_FALSE(attached_.attached());
    EXPECT_EQ(attached_.failure(), "no store is attached: nothing devices say is kept");
    EXPECT_EQ(attached_.busy(), 0s);
    attached_.detach();
}

TEST_F(AttachedStoreTest, ReadsWhatIsAttached) {
    attach();
    int rows = 0;
    EXPECT_TRUE(attached_.states({}, [&](const StateRow&) { return ++rows > 0; }).ok());
    EXPECT_EQ(rows, 1);
    EXPECT_EQ(attached_.failure(), std::nullopt);
    attached_.detach();
    EXPECT_FALSE(attached_.states({}, [](const StateRow&) { return true; }).ok());
}

// Readers are threads of the core, which a plugin must not end.
TEST_F(AttachedStoreTest, WhatAHistoryThrowsIsAnError) {
    attach();
    const auto thrown = attached_.states(
        {}, [](const StateRow&) -> bool { throw std::runtime_error("out of tape"); });
    ASSERT_FALSE(thrown.ok());
    EXPECT_EQ(thrown.error().kind, Error::Kind::Unavailable);
    EXPECT_EQ(thrown.error().message,
              "the history cannot be read: the store's plugin threw \"out of tape\"");
    EXPECT_FALSE(attached_.events(0, [](const Event&) -> bool { throw 7; }).ok());
    EXPECT_TRUE(attached_.events(0, [](const Event&) { return true; }).ok());
    attached_.detach();
}

TEST_F(AttachedStoreTest, DetachingWaitsForReaders) {
    attach();
    std::promise<void> reading;
    std::promise<void> may_end;
    std::atomic<bool> detached = false;
    std::thread reader([&] {
        EXPECT_TRUE(attached_
                        .states({},
                                [&](const StateRow&) {
                                    reading.set_value();
                                    may_end.get_future().wait();
                                    EXPECT_FALSE(detached);
                                    return true;
                                })
                        .ok());
    });
    reading.get_future().wait();
    std::thread detaching([&] {
        attached_.detach();
        detached = true;
    });
    while (attached_.attached()) std::this_thread::yield();
    may_end.set_value();
    reader.join();
    detaching.join();
}

TEST_F(AttachedStoreTest, AnotherMayFollow) {
    attach();
    attached_.detach();
    attach();
    EXPECT_TRUE(attached_.attached());
    EXPECT_EQ(attached_.failure(), std::nullopt);
    attached_.detach();
}

}  // namespace
}  // namespace hub::storage
