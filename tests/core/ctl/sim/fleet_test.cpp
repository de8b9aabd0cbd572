#include "ctl/sim/fleet.h"

#include "core/ctl/sim/closed_port.h"
#include "core/ctl/sim/mute_hub.h"
#include "core/ctl/sim/scripted_hub.h"
#include "ctl/sim/sensor.h"
#include "ctl/sim/servos_controller.h"
#include "net/loop.h"
#include "net/timer.h"
#include "websocket/frame_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using Kind = websocket::Decoded::Kind;

// The machine's time, which a test can make jump forward. Any thread.
class JumpingClock final : public Clock {
public:
    [[nodiscard]] Timestamp wall() const noexcept override { return system_.wall(); }
    [[nodiscard]] SteadyTime steady() const noexcept override {
        return system_.steady() + jumped_.load();
    }
    void jump(std::chrono::seconds by) { jumped_ = jumped_.load() + by; }

private:
    const SystemClock system_;
    std::atomic<std::chrono::seconds> jumped_{0s};
};

// The number a status message carries, 0 for any other message.
std::uint64_t numberIn(const std::string& text) {
    const std::size_t at = text.find(R"("msg_id":)");
    return at == std::string::npos ? 0 : std::stoull(text.substr(at + 9));
}

std::string ackOf(const std::string& text) {
    return R"({"message_type":"ack","msg_id":)" + std::to_string(numberIn(text)) + "}";
}

// A fleet on this thread's loop.
class FleetTest : public testing::Test {
protected:
    FleetTest() {
        loop_.onTurnEnd([this] { onTurnEnd(); });
        bePatient();
    }

    void addSensors(std::size_t count, std::chrono::milliseconds interval) {
        for (std::size_t i = 1; i <= count; ++i) {
            devices_.push_back(std::make_unique<Sensor>(
                "sim-" + std::to_string(i), "sensor", interval,
                static_cast<std::minstd_rand::result_type>(i), statistics_));
        }
    }

    // Runs the fleet until `enough` is true at the end of a turn, then finishes it.
    void run(std::uint16_t port, std::function<bool()> enough) {
        enough_ = std::move(enough);
        const HubUrl url{"127.0.0.1", port};
        fleet_ =
            std::make_unique<Fleet>(loop_, url, *resolve(url), std::move(devices_), statistics_);
        loop_.post([this] { fleet_->start(); });
        loop_.run();
    }
    void run(ScriptedHub& hub, std::function<bool()> enough) {
        run(hub.port(), std::move(enough));
        hub.stop();
    }

    // Instead of waiting for it.
    void jump(std::chrono::seconds time) {
        clock_.jump(time);
        bePatient();
    }

    // Longer than any first back-off.
    static constexpr std::chrono::seconds kBackoff =
        std::chrono::ceil<std::chrono::seconds>(Backoff::kFirstCeiling);

    JumpingClock clock_;
    net::Loop loop_{clock_};
    Statistics statistics_;
    std::vector<std::unique_ptr<SimulatedDevice>> devices_;
    std::function<void()> while_finishing_;  // called at the end of every turn then

private:
    void bePatient() { give_up_.arm(clock_.steady() + std::chrono::seconds(30)); }

    void onTurnEnd() {
        if (!finishing_ && enough_ && enough_()) {
            finishing_ = true;
            fleet_->finish([this] { loop_.stop(); });
        }
        if (finishing_ && while_finishing_) while_finishing_();
    }

    std::function<bool()> enough_;
    std::unique_ptr<Fleet> fleet_;
    bool finishing_ = false;
    net::Timer give_up_{loop_, [this] {
                            ADD_FAILURE() << "given up waiting; " << statistics_.last_failure;
                            loop_.stop();
                        }};
};

TEST_F(FleetTest, DevicesRegisterReportAndAreAcknowledged) {
    std::map<std::string, std::vector<std::string>> heard;
    ScriptedHub hub([&](const std::string& device_id, const std::string& text) {
        heard[device_id].push_back(text);
        return numberIn(text) == 0 ? ScriptedHub::Answer{} : ScriptedHub::Answer{{ackOf(text)}};
    });
    addSensors(5, 10ms);
    run(hub, [this] { return statistics_.acknowledged >= 50; });

    EXPECT_THAT(heard, SizeIs(5));
    for (const auto& [device_id, texts] : heard) {
        EXPECT_THAT(texts[0], HasSubstr("registration"));
        for (std::size_t i = 1; i < texts.size(); ++i) EXPECT_EQ(numberIn(texts[i]), i);
    }
    EXPECT_EQ(statistics_.connects, 5U);
    EXPECT_EQ(statistics_.reconnects, 0U);
    EXPECT_EQ(statistics_.errors, 0U);
    EXPECT_EQ(statistics_.ack_time.count(), statistics_.acknowledged);
}

TEST_F(FleetTest, FinishingWaitsForAcknowledgementsAndClosesWith1000) {
    ScriptedHub hub([&](const std::string&, const std::string& text) {
        return numberIn(text) == 0 ? ScriptedHub::Answer{} : ScriptedHub::Answer{{ackOf(text)}};
    });
    addSensors(3, 5ms);
    run(hub, [this] { return statistics_.online == 3 && statistics_.waiting > 0; });

    EXPECT_EQ(statistics_.waiting, 0U);
    EXPECT_EQ(statistics_.online, 0U);
    EXPECT_THAT(hub.closeCodes(), testing::AllOf(SizeIs(3), Each(1000)));
}

TEST_F(FleetTest, FinishingWaitsForAcknowledgementsNoLongerThanItsLimit) {
    ScriptedHub hub([](const std::string&, const std::string&) { return ScriptedHub::Answer{}; });
    addSensors(2, 5ms);
    while_finishing_ = [this, jumped = false]() mutable {
        if (!std::exchange(jumped, true)) jump(Fleet::kAckLimit);
    };
    run(hub, [&] { return statistics_.online == 2 && statistics_.waiting > 0; });

    EXPECT_GT(statistics_.waiting, 0U);
    EXPECT_EQ(statistics_.online, 0U);
    EXPECT_THAT(hub.closeCodes(), testing::AllOf(SizeIs(2), Each(1000)));
}

TEST_F(FleetTest, FinishingWaitsForTheClosingHandshakeNoLongerThanItsLimit) {
    MuteHub hub;
    hub.acceptOne();
    addSensors(1, 0ms);
    while_finishing_ = [this] { jump(Fleet::kAckLimit); };
    run(hub.port(), [this] { return statistics_.online == 1; });

    EXPECT_EQ(statistics_.online, 0U);
    EXPECT_THAT(hub.heard(), ElementsAre(Kind::Text, Kind::Close));
}

TEST_F(FleetTest, ASilentHubIsPingedAndALostOneIsMissed) {
    MuteHub hub;
    hub.acceptOne();
    addSensors(1, 0ms);
    run(hub.port(), [this] {
        if (statistics_.online == 1) jump(ClientLink::kPingAfter);
        return statistics_.connects == 1 && statistics_.online == 0;
    });

    EXPECT_THAT(statistics_.last_failure, HasSubstr("nothing heard"));
    EXPECT_THAT(hub.heard(), ElementsAre(Kind::Text, Kind::Ping, Kind::Ping));
}

TEST_F(FleetTest, AHandshakeWithoutAnAnswerIsGivenUp) {
    const MuteHub hub;
    addSensors(1, 10ms);
    run(hub.port(), [this, jumped = false]() mutable {
        if (!std::exchange(jumped, true)) jump(DeviceClient::kHandshakeLimit);
        return !statistics_.last_failure.empty();
    });

    EXPECT_THAT(statistics_.last_failure, HasSubstr("within 10 s"));
    EXPECT_EQ(statistics_.connects, 0U);
}

TEST_F(FleetTest, WithoutAHubEveryAttemptIsRefused) {
    const ClosedPort port;
    addSensors(3, 10ms);
    run(port.number(), [this] { return !statistics_.last_failure.empty(); });

    EXPECT_EQ(statistics_.last_failure, "Connection refused");
    EXPECT_EQ(statistics_.connects, 0U);
}

TEST_F(FleetTest, WhatALostLinkLeftUnacknowledgedIsSentAgain) {
    std::set<std::uint64_t> lost;
    std::set<std::uint64_t> kept;
    ScriptedHub hub([&](const std::string&, const std::string& text) -> ScriptedHub::Answer {
        if (numberIn(text) == 0) return {};
        if (lost.size() < 5) {
            lost.insert(numberIn(text));
            return {.texts = {}, .hang_up = lost.size() == 5};
        }
        kept.insert(numberIn(text));
        return {{ackOf(text)}};
    });
    addSensors(1, 10ms);
    run(hub, [this, was_online = false]() mutable {
        if (was_online && statistics_.online == 0) jump(kBackoff);
        was_online = statistics_.online > 0;
        return statistics_.reconnects > 0 && statistics_.acknowledged >= 10;
    });

    EXPECT_EQ(lost, (std::set<std::uint64_t>{1, 2, 3, 4, 5}));
    for (const std::uint64_t number : lost) EXPECT_THAT(kept, Contains(number));
    EXPECT_EQ(*kept.rbegin(), kept.size()) << "a message is missing";
    EXPECT_EQ(statistics_.reconnects, 1U);
    EXPECT_GE(statistics_.sent_again, 5U);
    EXPECT_EQ(statistics_.given_up, 0U);
    EXPECT_NE(statistics_.last_failure, "");
}

TEST_F(FleetTest, ARefusedHandshakeIsTriedAgain) {
    ScriptedHub hub([&](const std::string&, const std::string& text) {
        return numberIn(text) == 0 ? ScriptedHub::Answer{} : ScriptedHub::Answer{{ackOf(text)}};
    });
    hub.refuse(true);
    addSensors(1, 10ms);
    std::string refusal;
    run(hub, [&] {
        if (refusal.empty() && !statistics_.last_failure.empty()) {
            refusal = statistics_.last_failure;
            EXPECT_EQ(statistics_.never_in, 1U);
            hub.refuse(false);
            jump(kBackoff);
        }
        return statistics_.acknowledged > 0;
    });

    EXPECT_THAT(refusal, HasSubstr("503"));
    EXPECT_EQ(statistics_.connects, 1U);
    EXPECT_EQ(statistics_.never_in, 0U);
    EXPECT_EQ(statistics_.reconnects, 0U);
}

TEST_F(FleetTest, CommandsReachTheirDeviceAndComeBackAcknowledged) {
    std::vector<std::string> answers;
    ScriptedHub hub([&](const std::string&, const std::string& text) -> ScriptedHub::Answer {
        if (text.find("registration") != std::string::npos) {
            return {{R"({"message_type":"command","command_id":"c1","command_name":"dance",)"
                     R"("payload":{}})"}};
        }
        answers.push_back(text);
        return {};
    });
    devices_.push_back(std::make_unique<ServosController>(statistics_));
    run(hub, [this] { return statistics_.commands_answered > 0; });

    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_THAT(answers[0], HasSubstr(R"("command_id":"c1")"));
    EXPECT_EQ(statistics_.commands_received, 1U);
}

TEST_F(FleetTest, ErrorsOfTheHubAreCountedAndTheLinkLivesOn) {
    ScriptedHub hub([&](const std::string&, const std::string& text) -> ScriptedHub::Answer {
        switch (numberIn(text)) {
            case 0:
                return {};
            case 1:
                return {{"nonsense"}};
            case 2:
                return {{R"({"message_type":"error","error":"no room","msg_id":2})"}};
            default:
                return {{ackOf(text)}};
        }
    });
    addSensors(1, 5ms);
    while_finishing_ = [this] { jump(Fleet::kAckLimit); };
    run(hub, [this] { return statistics_.acknowledged > 0; });

    EXPECT_EQ(statistics_.errors, 2U);
    EXPECT_EQ(statistics_.last_error, "no room");
    EXPECT_EQ(statistics_.connects, 1U);
    EXPECT_EQ(statistics_.waiting, 1U) << "what could not be understood settles nothing";
}

}  // namespace
}  // namespace hub::ctl::sim
