#include "ctl/sim/simulation.h"

#include "core/ctl/sim/closed_port.h"
#include "ctl/sim/cam_controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

// Time that passes by being asked for.
class HurryingClock final : public Clock {
public:
    [[nodiscard]] Timestamp wall() const noexcept override { return {}; }
    [[nodiscard]] SteadyTime steady() const noexcept override {
        return SteadyTime(1h + ++asked_ * 1s);
    }

private:
    mutable std::atomic<int> asked_ = 0;
};

class SimulationTest : public testing::Test {
protected:
    // Of one device, without a hub.
    std::unique_ptr<Simulation> simulation(const SimulationSettings& settings) {
        std::vector<std::unique_ptr<SimulatedDevice>> devices;
        devices.push_back(std::make_unique<CamController>(statistics_));
        return std::make_unique<Simulation>(clock_, url_, *resolve(url_), std::move(devices),
                                            statistics_, settings, out_);
    }

    HurryingClock clock_;
    const ClosedPort port_;
    const HubUrl url_{"127.0.0.1", port_.number()};
    Statistics statistics_;
    std::ostringstream out_;
};

TEST_F(SimulationTest, GivesUpWhenNothingEverConnects) {
    const SteadyTime begin = clock_.steady();
    simulation({})->run();
    EXPECT_GE(clock_.steady() - begin, Simulation::kFirstConnectLimit);
    EXPECT_EQ(statistics_.connects, 0U);
    EXPECT_EQ(statistics_.last_failure, "Connection refused");
    EXPECT_EQ(out_.str(), "");
}

TEST_F(SimulationTest, EndsAfterItsDuration) {
    const SteadyTime begin = clock_.steady();
    simulation({.duration = 3s})->run();
    EXPECT_GE(clock_.steady() - begin, 3s);
    EXPECT_LT(clock_.steady() - begin, Simulation::kFirstConnectLimit);
}

TEST_F(SimulationTest, ASignalThatComesFirstEndsIt) {
    const auto simulation = this->simulation({});
    ::raise(SIGINT);
    simulation->run();
    EXPECT_EQ(statistics_.failed_attempts, 0U);
}

TEST_F(SimulationTest, ShowsLines) {
    simulation({.duration = {}, .display = Display::Lines})->run();
    EXPECT_THAT(out_.str(), StartsWith("online 0/1  Connection refused\n"));
}

TEST_F(SimulationTest, RewritesOneLineOnATerminal) {
    simulation({.duration = {}, .display = Display::Terminal})->run();
    EXPECT_THAT(out_.str(), StartsWith("\ronline 0/1"));
    EXPECT_THAT(out_.str(), HasSubstr("\ronline 0/1  Connection refused\x1b[K\r"));
    EXPECT_EQ(out_.str().find('\n'), out_.str().size() - 1);
}

TEST_F(SimulationTest, LinesAreNoWiderThanTheTerminal) {
    simulation({.duration = {}, .display = Display::Terminal, .width = 14})->run();
    EXPECT_THAT(out_.str(), HasSubstr("\ronline 0/1  Co\x1b[K\r"));
}

}  // namespace
}  // namespace hub::ctl::sim
