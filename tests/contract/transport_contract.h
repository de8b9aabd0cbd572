#pragma once

#include "fakes/fake_devices.h"
#include "hub/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What every hub::Transport must do. A test program includes this header once and instantiates the
// suite with its way to make one:
//
//   INSTANTIATE_TEST_SUITE_P(WsTransport, TransportContract,
//                            testing::Values([]() -> std::unique_ptr<TransportUnderTest> { ... }));

namespace hub::contract {

// A device on a transport, with a network that a test may cut. A call returns when everything that
// follows from it has happened.
class DeviceUnderTest {
public:
    virtual ~DeviceUnderTest() = default;

    // The transport's number for its link.
    [[nodiscard]] virtual LinkId link() const = 0;
    // Sends a document in the WebSocket form, with `message_type`.
    virtual void says(std::string_view document) = 0;
    // The documents that came for it since the last time this was asked for.
    [[nodiscard]] virtual std::vector<std::string> takeReceived() = 0;
    // Ends its link as the protocol wants it, or without a word.
    virtual void leaves() = 0;
    virtual void breaks() = 0;
    // False when the hub has closed its link.
    [[nodiscard]] virtual bool connected() const = 0;
};

// A transport, made for a hub with a store, whose devices are fakes.
class TransportUnderTest {
public:
    virtual ~TransportUnderTest() = default;

    [[nodiscard]] virtual Transport& transport() = 0;
    [[nodiscard]] virtual fakes::FakeDevices& devices() = 0;
    // Another device, or another link of the same one.
    [[nodiscard]] virtual std::unique_ptr<DeviceUnderTest> connect(std::string_view id) = 0;
    // Everything that the hub asked of the transport has happened when this returns.
    virtual void settle() = 0;
};

using MakeTransport = std::unique_ptr<TransportUnderTest> (*)();

class TransportContract : public ::testing::TestWithParam<MakeTransport> {
protected:
    static constexpr std::string_view kHello =
        R"({"message_type":"registration","device_type":"lamp"})";

    static std::string status(int number, std::string_view message_id = "") {
        std::string document =
            R"({"message_type":"status","payload":{"n":)" + std::to_string(number) + "}";
        if (!message_id.empty()) document += R"(,"msg_id":)" + std::string(message_id);
        return document + "}";
    }
    static std::string ack(std::string_view message_id) {
        return R"({"message_type":"ack","msg_id":)" + std::string(message_id) + "}";
    }

    // A device that has said hello.
    [[nodiscard]] std::unique_ptr<DeviceUnderTest> online(std::string_view id) {
        auto device = under_test_->connect(id);
        device->says(kHello);
        static_cast<void>(devices().takeStory());
        return device;
    }

    void makeDurable() {
        devices().makeDurable();
        under_test_->settle();
    }

    [[nodiscard]] Transport& transport() { return under_test_->transport(); }
    [[nodiscard]] fakes::FakeDevices& devices() { return under_test_->devices(); }
    [[nodiscard]] std::vector<std::string> story() { return devices().takeStory(); }

    std::unique_ptr<TransportUnderTest> under_test_ = GetParam()();
};

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_P(TransportContract, HasAName) { EXPECT_FALSE(transport().name().empty()); }

TEST_P(TransportContract, PublishesWhatADeviceSaysInOrder) {
    const auto lamp = under_test_->connect("lamp-1");
    lamp->says(kHello);
    lamp->says(status(1));
    lamp->says(status(2));
    EXPECT_THAT(story(), ElementsAre("lamp-1 online", "lamp-1 says " + std::string(kHello),
                                     "lamp-1 says " + status(1), "lamp-1 says " + status(2)));
}

TEST_P(TransportContract, GivesEveryLinkANumberOfItsOwn) {
    const auto lamp = online("lamp-1");
    const auto fan = online("fan-1");
    EXPECT_NE(lamp->link(), fan->link());
    const LinkId first = lamp->link();
    lamp->leaves();
    EXPECT_NE(online("lamp-1")->link(), first);
}

TEST_P(TransportContract, BringsACommandToItsDevice) {
    const auto lamp = online("lamp-1");
    const auto fan = online("fan-1");

    const Command command{"c-1", "turn", R"({"angle":90})"};
    EXPECT_EQ(transport().deliver(lamp->link(), command), Delivery::Accepted);
    under_test_->settle();

    const auto received = lamp->takeReceived();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_THAT(received[0], HasSubstr(R"("command_id":"c-1")"));
    EXPECT_THAT(received[0], HasSubstr(R"("command_name":"turn")"));
    EXPECT_THAT(received[0], HasSubstr(R"("payload":{"angle":90})"));
    EXPECT_THAT(fan->takeReceived(), IsEmpty());
}

TEST_P(TransportContract, CannotReachALinkThatEnded) {
    const auto lamp = online("lamp-1");
    lamp->leaves();
    EXPECT_EQ(transport().deliver(lamp->link(), {"c-1", "turn", "{}"}), Delivery::Unreachable);
    EXPECT_EQ(transport().deliver(LinkId{987'654'321}, {"c-1", "turn", "{}"}),
              Delivery::Unreachable);
}

TEST_P(TransportContract, AcknowledgesInOrderWhatBecameDurable) {
    const auto lamp = online("lamp-1");
    lamp->says(status(1, R"("a")"));
    lamp->says(status(2));
    lamp->says(status(3, "17"));
    EXPECT_THAT(lamp->takeReceived(), IsEmpty());

    makeDurable();
    EXPECT_THAT(lamp->takeReceived(), ElementsAre(ack(R"("a")"), ack("17")));
}

TEST_P(TransportContract, AcknowledgesNothingTwice) {
    const auto lamp = online("lamp-1");
    lamp->says(status(1, "1"));
    makeDurable();
    lamp->says(status(2, "2"));
    makeDurable();
    EXPECT_THAT(lamp->takeReceived(), ElementsAre(ack("1"), ack("2")));
}

TEST_P(TransportContract, AnswersABadDocumentAndGoesOn) {
    const auto lamp = online("lamp-1");
    lamp->says(R"({"message_type":"status","payload":7,"msg_id":"m"})");
    lamp->says(status(1));

    const auto received = lamp->takeReceived();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_THAT(received[0], HasSubstr(R"("message_type":"error")"));
    EXPECT_THAT(received[0], HasSubstr(R"("msg_id":"m")"));
    EXPECT_THAT(story(), ElementsAre("lamp-1 says " + status(1)));
}

TEST_P(TransportContract, TellsHowALinkEnded) {
    online("lamp-1")->leaves();
    EXPECT_THAT(story(), ElementsAre("lamp-1 offline closed"));
    online("lamp-1")->breaks();
    EXPECT_THAT(story(), ElementsAre("lamp-1 offline lost"));
}

TEST_P(TransportContract, DisconnectEndsTheSessionWithItsReason) {
    const auto lamp = online("lamp-1");
    transport().disconnect(lamp->link(), OfflineReason::Kicked);
    under_test_->settle();
    EXPECT_THAT(story(), ElementsAre("lamp-1 offline kicked"));
    EXPECT_FALSE(lamp->connected());
}

TEST_P(TransportContract, LeavesALinkThatEndedAlone) {
    const auto lamp = online("lamp-1");
    lamp->leaves();
    static_cast<void>(story());
    transport().disconnect(lamp->link(), OfflineReason::Kicked);
    transport().granted(lamp->link());
    under_test_->settle();
    EXPECT_THAT(story(), IsEmpty());
}

TEST_P(TransportContract, TheNewestLinkOfADeviceWins) {
    const auto older = online("lamp-1");
    const auto newer = under_test_->connect("lamp-1");
    newer->says(kHello);
    newer->says(status(1));
    under_test_->settle();
    EXPECT_THAT(story(),
                ElementsAre("lamp-1 offline taken_over", "lamp-1 online",
                            "lamp-1 says " + std::string(kHello), "lamp-1 says " + status(1)));
    EXPECT_FALSE(older->connected());
    EXPECT_TRUE(newer->connected());
}

TEST_P(TransportContract, WaitsUntilTheOlderLinkHasLetGo) {
    devices().occupy("lamp-1");
    const auto lamp = under_test_->connect("lamp-1");
    lamp->says(kHello);
    lamp->says(status(1, "1"));
    under_test_->settle();
    EXPECT_THAT(story(), IsEmpty());

    devices().letGo("lamp-1");
    under_test_->settle();
    EXPECT_THAT(story(), ElementsAre("lamp-1 online", "lamp-1 says " + std::string(kHello),
                                     "lamp-1 says " + status(1, "1")));
    makeDurable();
    EXPECT_THAT(lamp->takeReceived(), ElementsAre(ack("1")));
}

TEST_P(TransportContract, ForgetsALinkThatEndsWhileItWaits) {
    devices().occupy("lamp-1");
    const auto lamp = under_test_->connect("lamp-1");
    lamp->says(kHello);
    lamp->breaks();
    devices().letGo("lamp-1");
    under_test_->settle();
    EXPECT_THAT(story(), IsEmpty());
}

TEST_P(TransportContract, SaysWhyADeviceCannotComeOnline) {
    const auto lamp = under_test_->connect("lamp-1");
    lamp->says(status(1));  // neither a type nor known
    const auto received = lamp->takeReceived();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_THAT(received[0], HasSubstr(R"("message_type":"error")"));
    EXPECT_THAT(received[0], HasSubstr("no type"));

    lamp->says(kHello);
    EXPECT_THAT(story(), ElementsAre("lamp-1 online", "lamp-1 says " + std::string(kHello)));
}

}  // namespace hub::contract
