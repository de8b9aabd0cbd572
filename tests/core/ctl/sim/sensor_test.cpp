#include "ctl/sim/sensor.h"

#include "core/ctl/sim/device_fixture.h"

#include <gmock/gmock.h>
#include <simdjson.h>

#include <cmath>
#include <set>
#include <string>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SensorTest : public DeviceFixture {
protected:
    // Begins a sensor and lets its first reading, which comes at a random time, be the past.
    void begins() {
        opens(sensor_);
        const auto sent = passes(sensor_, 100ms);
        ASSERT_EQ(numbers(sent), std::vector<std::string>{"1"});
    }

    Sensor sensor_{"sim-1", "sensor", 100ms, 7, statistics_};
};

TEST_F(SensorTest, RegistersBeforeAnythingElse) {
    Sensor sensor("sim-1", R"(a "quoted" type)", 1s, 7, statistics_);
    const auto sent = opens(sensor);
    ASSERT_THAT(types(sent), ElementsAre("registration"));
    EXPECT_THAT(sent[0], HasSubstr(R"("device_type":"a \"quoted\" type")"));
}

TEST_F(SensorTest, ReportsAtItsIntervalWithIncreasingNumbers) {
    begins();
    EXPECT_THAT(numbers(passes(sensor_, 300ms)), ElementsAre("2", "3", "4"));
    EXPECT_EQ(statistics_.waiting, 4U);
    EXPECT_EQ(sensor_.waiting(), 4U);
}

TEST_F(SensorTest, IntervalsBelowAMillisecondAreKept) {
    Sensor sensor("fast", "sensor", 50us, 7, statistics_);
    opens(sensor);
    EXPECT_THAT(passes(sensor, 10ms), SizeIs(200));
}

TEST_F(SensorTest, SensorsThatBeginTogetherReportAtDifferentTimes) {
    std::set<SteadyTime> first;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        Sensor sensor("sim", "sensor", 1s, seed * 7919, statistics_);
        sensor.onOpen(now_, uplink_);
        const SteadyTime at = sensor.onTime(now_, uplink_);
        EXPECT_GE(at, now_);
        EXPECT_LE(at, now_ + 1s);
        first.insert(at);
    }
    EXPECT_GT(first.size(), 15U);
}

TEST_F(SensorTest, WithoutARateItOnlyRegisters) {
    Sensor sensor("idle", "sensor", 0s, 7, statistics_);
    EXPECT_THAT(types(opens(sensor)), ElementsAre("registration"));
    EXPECT_THAT(passes(sensor, 1h), IsEmpty());
}

TEST_F(SensorTest, ReadingsWalkSmoothlyAndStayPlausible) {
    Sensor sensor("weather-1", "sensor", 1s, 7, statistics_);
    opens(sensor);
    simdjson::dom::parser parser;
    const auto sent = passes(sensor, 24h);
    ASSERT_THAT(sent, SizeIs(24 * 3600));
    double last = parser.parse(sent[0])["payload"]["temperature"];
    for (const std::string& document : sent) {
        const simdjson::dom::element payload = parser.parse(document)["payload"];
        const double temperature = payload["temperature"];
        const double humidity = payload["humidity"];
        const double battery = payload["battery"];
        ASSERT_TRUE(temperature > 10 && temperature < 32) << document;
        ASSERT_TRUE(humidity > 20 && humidity < 80) << document;
        ASSERT_TRUE(battery > 0 && battery <= 100) << document;
        ASSERT_LT(std::abs(temperature - last), 0.5) << document;
        last = temperature;
    }
}

TEST_F(SensorTest, AnAcknowledgementSettlesItsReading) {
    begins();
    passes(sensor_, 5ms);
    hears(sensor_, ack(1));
    EXPECT_EQ(statistics_.acknowledged, 1U);
    EXPECT_EQ(statistics_.waiting, 0U);
    EXPECT_EQ(sensor_.waiting(), 0U);
    EXPECT_EQ(statistics_.ack_time.count(), 1U);
    EXPECT_GE(statistics_.ack_time.max(), 5ms);
    EXPECT_LE(statistics_.ack_time.max(), 105ms);
}

TEST_F(SensorTest, AcknowledgementsOutOfOrderTwiceOrForNothingAreHarmless) {
    begins();
    passes(sensor_, 200ms);
    for (const std::uint64_t number : {3U, 3U, 1U, 99U, 0U, 1U}) hears(sensor_, ack(number));
    hears(sensor_, R"({"message_type":"ack","msg_id":"2"})");
    EXPECT_EQ(statistics_.acknowledged, 2U);
    EXPECT_EQ(statistics_.late, 0U);
    EXPECT_EQ(sensor_.waiting(), 1U);
    hears(sensor_, ack(2));
    EXPECT_EQ(statistics_.acknowledged, 3U);
    EXPECT_EQ(statistics_.waiting, 0U);
}

TEST_F(SensorTest, ARefusedReadingIsNotSentAgain) {
    begins();
    passes(sensor_, 100ms);
    hears(sensor_, R"({"message_type":"error","error":"no","msg_id":1})");
    hears(sensor_, R"({"message_type":"error","error":"what?"})");
    EXPECT_EQ(statistics_.acknowledged, 0U);
    EXPECT_EQ(statistics_.ack_time.count(), 0U);
    EXPECT_EQ(sensor_.waiting(), 1U);
    EXPECT_THAT(numbers(opens(sensor_)), ElementsAre("2"));
}

TEST_F(SensorTest, WhatWasNotAcknowledgedIsSentAgainOnTheNextLink) {
    begins();
    passes(sensor_, 200ms);
    hears(sensor_, ack(2));
    passesOffline(30s);
    const auto sent = opens(sensor_);
    EXPECT_EQ(decode(sent[0]).type, MessageType::Registration);
    EXPECT_THAT(numbers(sent), ElementsAre("1", "3", "4"));
    EXPECT_EQ(statistics_.sent_again, 2U);
}

TEST_F(SensorTest, WhatIsSentAgainIsUnchanged) {
    begins();
    const std::string before = passes(sensor_, 100ms).at(0);
    const auto sent = opens(sensor_);
    EXPECT_THAT(sent, testing::Contains(before));
}

TEST_F(SensorTest, TakesNoReadingsForTheTimeOffline) {
    begins();
    hears(sensor_, ack(1));
    passesOffline(1h);
    EXPECT_THAT(numbers(opens(sensor_)), ElementsAre("2"));
    EXPECT_THAT(numbers(passes(sensor_, 100ms)), ElementsAre("3"));
}

TEST_F(SensorTest, AFullLinkHoldsReadingsBackUntilItHasRoom) {
    begins();
    uplink_.room = 2;
    EXPECT_THAT(numbers(passes(sensor_, 500ms)), ElementsAre("2", "3"));
    EXPECT_EQ(sensor_.waiting(), 6U);
    uplink_.room = 100;
    EXPECT_THAT(numbers(passes(sensor_, 100ms)), ElementsAre("4", "5", "6", "7"));
    EXPECT_EQ(statistics_.sent_again, 0U);
}

TEST_F(SensorTest, OfTooManyThatWaitTheOldestIsGivenUp) {
    begins();
    passes(sensor_, 100ms * (Sensor::kMaxWaiting + 4));
    EXPECT_EQ(sensor_.waiting(), Sensor::kMaxWaiting);
    EXPECT_EQ(statistics_.waiting, Sensor::kMaxWaiting);
    EXPECT_EQ(statistics_.given_up, 5U);

    hears(sensor_, ack(5));
    EXPECT_EQ(statistics_.acknowledged, 0U) << "given up already";
    EXPECT_EQ(statistics_.late, 1U);
    hears(sensor_, ack(6));
    EXPECT_EQ(statistics_.acknowledged, 1U);

    const auto again = numbers(opens(sensor_));
    EXPECT_EQ(again.front(), "7");
    EXPECT_EQ(again.size(), Sensor::kMaxWaiting - 1);
}

TEST_F(SensorTest, OnlyReadingsThatWaitAreGivenUp) {
    begins();
    passes(sensor_, 100ms * (Sensor::kMaxWaiting - 1));
    hears(sensor_, ack(2));
    hears(sensor_, ack(3));
    passes(sensor_, 100ms);
    EXPECT_EQ(statistics_.given_up, 1U);
    passes(sensor_, 200ms);
    EXPECT_EQ(statistics_.given_up, 1U) << "2 and 3 made room";
    passes(sensor_, 100ms);
    EXPECT_EQ(statistics_.given_up, 2U);
    EXPECT_EQ(sensor_.waiting(), Sensor::kMaxWaiting);
    EXPECT_EQ(numbers(opens(sensor_)).front(), "5");
}

TEST_F(SensorTest, AReadingGivenUpBeforeItWasSentIsSkipped) {
    begins();
    uplink_.room = 0;
    passes(sensor_, 100ms * (Sensor::kMaxWaiting + 4));
    uplink_.room = static_cast<std::size_t>(-1);
    const auto sent = numbers(passes(sensor_, 100ms));
    EXPECT_EQ(sent.front(), "7");
    EXPECT_EQ(sent.size(), Sensor::kMaxWaiting);
}

TEST_F(SensorTest, RetiredItTakesNoReadingsButSendsWhatWaits) {
    begins();
    uplink_.room = 0;
    passes(sensor_, 200ms);
    sensor_.retire();
    uplink_.room = 100;
    EXPECT_THAT(numbers(hears(sensor_, ack(1))), ElementsAre("2", "3"));
    EXPECT_THAT(passes(sensor_, 1h), IsEmpty());
    EXPECT_EQ(sensor_.waiting(), 2U);
}

}  // namespace
}  // namespace hub::ctl::sim
