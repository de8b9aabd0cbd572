// Readers that open anywhere and stop anywhere while events come, with a ring that holds a small
// part of them: each of them must see what a plain list has behind its position.
#include "core/router/feed_fixture.h"

#include <array>
#include <cstdint>
#include <random>
#include <thread>

namespace hub::router {
namespace {

// What the event of a number is, so that everybody knows what there must be.
constexpr std::array<std::string_view, 5> kDevices{"lamp-0", "lamp-1", "lamp-2", "lamp-3",
                                                   "lamp-4"};
constexpr std::array<std::string_view, 3> kNames{"status", "alert", "command"};

bool recordsCommand(Sequence number) { return number % 7 == 0; }
std::string_view deviceOf(Sequence number) { return kDevices[number % kDevices.size()]; }
std::string_view nameOf(Sequence number) { return kNames[number % kNames.size()]; }

constexpr std::array<std::string_view, 4> kFilters{"#", "devices/lamp-1/#", "devices/+/alert",
                                                   "devices/lamp-9/status"};

class FeedModelTest : public FeedTest, public testing::WithParamInterface<std::uint32_t> {
protected:
    static constexpr Sequence kEvents = 20'000;

    // Events come in batches of all sizes, and become durable some at a time.
    void produce(std::uint32_t seed) {
        std::mt19937 random(seed);
        while (log_.last() < kEvents) {
            BatchBuilder builder;
            Sequence next = log_.last();
            for (auto i = random() % 40 + 1; i > 0; --i) {
                ++next;
                const EventKind kind =
                    recordsCommand(next) ? EventKind::CommandRecorded : EventKind::Message;
                ASSERT_TRUE(
                    builder.add({.kind = kind, .device_id = deviceOf(next), .name = nameOf(next)}));
            }
            log_.append(builder.take());
            if (random() % 3 == 0) commitSome();
            if (random() % 16 == 0) std::this_thread::yield();
        }
        commit();
    }
    void commitSome() {
        std::vector<Event> events;
        ASSERT_TRUE(log_.wait(events, 64, std::chrono::seconds(10)));
        ASSERT_TRUE(store_.append(events).ok());
        log_.advance(events.back().sequence);
    }

    // Goes through the events once, in one to many readers.
    void consume(std::uint32_t seed) {
        std::mt19937 random(seed);
        const TopicFilter filter = TopicFilter::parse(kFilters[seed % kFilters.size()]).value();
        Sequence position = 0;
        while (position < kEvents) {
            Reading reading(feed_, filter, position);
            ASSERT_EQ(reading.position(), position);
            for (auto patience = random() % 30 + 1; patience > 0; --patience) {
                const auto state = reading.once(random() % 2 == 0 ? random() % 200 + 1 : SIZE_MAX);
                expectWhatMatches(filter, position, reading);
                if (state == EventReader::State::Lagged || position >= kEvents) break;
                if (state == EventReader::State::Waiting) {
                    ASSERT_TRUE(reading.awaitWake());
                }
            }
        }
    }
    static void expectWhatMatches(const TopicFilter& filter, Sequence& position, Reading& reading) {
        std::vector<Sequence> expected;
        while (position < reading.position()) {
            ++position;
            if (recordsCommand(position)) continue;
            if (filter.matchesDevice(deviceOf(position), nameOf(position))) {
                expected.push_back(position);
            }
        }
        ASSERT_EQ(reading.takeNumbers(), expected);
        for (const std::string& topic : reading.takeTopics()) ASSERT_TRUE(filter.matches(topic));
    }
};

TEST_P(FeedModelTest, ReadersSeeEverythingOnce) {
    attachStore();
    std::vector<std::thread> readers;
    for (std::uint32_t i = 0; i < 4; ++i) {
        readers.emplace_back([this, seed = 4 * GetParam() + i] { consume(seed); });
    }
    produce(GetParam());
    for (std::thread& reader : readers) reader.join();
    EXPECT_TRUE(measured("hub_feed_readers 0"));
}

INSTANTIATE_TEST_SUITE_P(Seeds, FeedModelTest, testing::Range(0U, 8U));

}  // namespace
}  // namespace hub::router
