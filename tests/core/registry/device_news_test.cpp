// What the registry does for those who send commands: it finds their devices, gives commands to
// their links, and tells what they have to know.
#include "registry/device_news.h"

#include "fakes/fake_transport.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "metrics/metric_registry.h"
#include "registry/device_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub::registry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using By = CommandTargets::By;

class DeviceNewsTest : public testing::Test {
protected:
    DeviceNews news() {
        return {.came_online =
                    [this](DeviceIndex device) {
                        const auto found = registry_.at(device);
                        story_.push_back(found->id + " came online as " + found->type);
                    },
                .acknowledged =
                    [this](DeviceIndex device, const DeviceMessage& message) {
                        sink_->flush();
                        story_.push_back(*registry_.idOf(device) + " acknowledged " +
                                         std::string(message.command_id) + " behind event " +
                                         std::to_string(log_.last()));
                    },
                .forgetting =
                    [this](DeviceIndex device) {
                        const bool known = registry_.knows(device);
                        story_.push_back(*registry_.idOf(device) + (known ? " is" : " is not") +
                                         " known, events " + std::to_string(log_.last()));
                    }};
    }

    std::unique_ptr<DeviceSession> open(std::string_view id, std::string_view type = "esp32",
                                        std::vector<std::string_view> tags = {}) {
        DeviceMessage first{.type = MessageType::Registration,
                            .name = "registration",
                            .document = "{}",
                            .device_type = type,
                            .metadata = tags.empty() ? "" : R"({"tags":[]})",
                            .tags = tags};
        const LinkId link{++last_link_};
        auto opened = registry_.open(id, {transport_, link, ""}, first, AckTag::None, *sink_, "");
        EXPECT_TRUE(opened.ok());
        return std::move(*opened);
    }

    std::vector<std::string> targets(const CommandTargets& asked, bool offline_too) {
        std::vector<std::string> found;
        const auto visited = registry_.visitTargets(
            asked, offline_too,
            [&](DeviceIndex, const std::shared_ptr<const std::string>& id, bool online) {
                found.push_back(*id + (online ? "" : " offline"));
            });
        if (!visited) found.push_back(visited.error().message);
        return found;
    }

    std::vector<std::string> story_;
    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    metrics::MetricRegistry metrics_;
    router::EventLog log_{1 << 20, clock_, metrics_};
    DeviceRegistry registry_{log_, clock_, logger_, metrics_, {.news = news()}};
    std::unique_ptr<EventSink> sink_ = registry_.openSink([] {});
    fakes::FakeTransport transport_;
    std::uint64_t last_link_ = 0;
};

TEST_F(DeviceNewsTest, ADeviceComesOnlineWithItsFirstMessageTaken) {
    auto session = open("lamp", "esp32s3");
    EXPECT_THAT(story_, ElementsAre("lamp came online as esp32s3"));
    const auto newer = open("lamp");
    EXPECT_EQ(story_.size(), 1U) << "it waits for the older link";
    session->end(OfflineReason::TakenOver);
    EXPECT_TRUE(newer->publish({.type = MessageType::Heartbeat}, AckTag::None));
    EXPECT_TRUE(newer->publish({.type = MessageType::Heartbeat}, AckTag::None));
    EXPECT_EQ(story_.size(), 2U);
}

TEST_F(DeviceNewsTest, AnAcknowledgementIsToldOnceItsOwnEventWaitsInTheSink) {
    const auto session = open("lamp");
    story_.clear();
    EXPECT_TRUE(session->publish({.type = MessageType::CommandAck,
                                  .name = "command_ack",
                                  .document = "{}",
                                  .command_id = "c-1"},
                                 AckTag::None));
    EXPECT_THAT(story_, ElementsAre("lamp acknowledged c-1 behind event 3"));
}

TEST_F(DeviceNewsTest, ForgettingIsToldBetweenBeingUnknownAndTheLastEvent) {
    open("lamp").reset();
    const Sequence before = log_.last();
    story_.clear();
    EXPECT_TRUE(registry_.forget("lamp").ok());
    EXPECT_THAT(story_, ElementsAre("lamp is not known, events " + std::to_string(before)));
    EXPECT_EQ(log_.last(), before + 1);
}

TEST_F(DeviceNewsTest, ACommandGoesToTheLinkThatHoldsTheDevice) {
    auto session = open("lamp");
    EXPECT_EQ(registry_.deliver(DeviceIndex{0}, {"1", "on", "{}"}), Delivery::Accepted);
    const auto newer = open("lamp");
    EXPECT_EQ(registry_.deliver(DeviceIndex{0}, {"2", "dim", "{}"}), Delivery::Accepted);
    session->end(OfflineReason::TakenOver);
    EXPECT_EQ(registry_.deliver(DeviceIndex{0}, {"3", "off", "{}"}), Delivery::Unreachable)
        << "nothing has come from the newer link yet";
    EXPECT_TRUE(newer->publish({.type = MessageType::Heartbeat}, AckTag::None));
    EXPECT_EQ(registry_.deliver(DeviceIndex{0}, {"4", "off", "{}"}), Delivery::Accepted);
    EXPECT_THAT(transport_.takeDelivered(),
                ElementsAre(Pair(LinkId{1}, "on"), Pair(LinkId{1}, "dim"), Pair(LinkId{2}, "off")));
}

TEST_F(DeviceNewsTest, ADeviceThatIsOfflineOrUnknownIsUnreachable) {
    open("lamp").reset();
    EXPECT_EQ(registry_.deliver(DeviceIndex{0}, {"1", "on", "{}"}), Delivery::Unreachable);
    EXPECT_EQ(registry_.deliver(DeviceIndex{7}, {"1", "on", "{}"}), Delivery::Unreachable);
    EXPECT_EQ(registry_.idOf(DeviceIndex{7}), nullptr);
    EXPECT_EQ(registry_.at(DeviceIndex{7}), std::nullopt);
    EXPECT_THAT(transport_.takeDelivered(), IsEmpty());
}

TEST_F(DeviceNewsTest, TargetsByIdAreExactlyThoseEachOnce) {
    const auto lamp = open("lamp");
    open("fan").reset();
    EXPECT_THAT(targets({By::Ids, {"fan", "lamp", "fan"}, ""}, false),
                ElementsAre("fan offline", "lamp"));
    EXPECT_THAT(targets({By::Ids, {"nobody"}, ""}, false),
                ElementsAre("no device \"nobody\" is known"));
}

TEST_F(DeviceNewsTest, OtherTargetsAreThoseOnlineOrAllOfThem) {
    const auto lamp = open("lamp", "esp32", {"hall", "ground"});
    const auto sensor = open("sensor", "sensor", {"hall"});
    open("fan", "esp32", {"hall"}).reset();
    EXPECT_THAT(targets({By::Type, {}, "esp32"}, false), ElementsAre("lamp"));
    EXPECT_THAT(targets({By::Type, {}, "esp32"}, true), ElementsAre("lamp", "fan offline"));
    EXPECT_THAT(targets({By::Tag, {}, "hall"}, false), ElementsAre("lamp", "sensor"));
    EXPECT_THAT(targets({By::Tag, {}, "ground"}, true), ElementsAre("lamp"));
    EXPECT_THAT(targets({By::All, {}, ""}, true), ElementsAre("lamp", "sensor", "fan offline"));
    EXPECT_THAT(targets({By::Type, {}, "nothing"}, true), IsEmpty());
}

}  // namespace
}  // namespace hub::registry
