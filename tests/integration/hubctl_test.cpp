// hubctl as an operator runs it, against the real hub with devices on it.
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::integration {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
    int code = 0;
    std::string output;  // of both streams
};

class Hubctl : public testing::Test {
protected:
    [[nodiscard]] Outcome hubctl(std::vector<std::string> words) const {
        words.insert(words.begin(), HUBCTL_PATH);
        words.insert(words.end(), {"--url", "http://127.0.0.1:" + std::to_string(port_)});
        Process process(words);
        const int code = process.wait();
        return {code, process.output()};
    }
    // Of a call that succeeds.
    [[nodiscard]] std::string outputOf(const std::vector<std::string>& words) const {
        const Outcome outcome = hubctl(words);
        EXPECT_EQ(outcome.code, 0) << outcome.output;
        return outcome.output;
    }

    // Registers and reports `{"n":1}` to `{"n":3}`; returns when that is durable.
    static void letReport(DeviceClient& device) {
        device.send(
            R"({"message_type":"registration","device_type":"esp32","metadata":{"tags":["hall"]}})");
        for (const char* n : {"1", "2", "3"}) {
            device.send(std::string(R"({"message_type":"status","msg_id":)") + n +
                        R"(,"payload":{"n":)" + n + "}}");
        }
        for (std::string text; text != R"({"message_type":"ack","msg_id":3})";) {
            text = device.receive();
            ASSERT_NE(text, "") << "the hub closed the link";
        }
    }

    // The id in what the hub sent to a device, a command.
    static std::string commandIn(const std::string& document) {
        constexpr std::string_view kBefore = R"("command_id":")";
        const std::size_t begin = document.find(kBefore);
        if (begin == std::string::npos) ADD_FAILURE() << "no command: " << document;
        return begin == std::string::npos ? "" : document.substr(begin + kBefore.size(), 36);
    }

    fakes::TemporaryFolder folder_;
    std::optional<HubProcess> hub_{std::in_place, folder_.path(),
                                   std::vector<std::string>{"--set", "log.level=debug"}};
    const std::uint16_t port_ = hub_->port();
};

TEST_F(Hubctl, ShowsADeviceAndWhatItSaid) {
    DeviceClient lamp(port_, "lamp");
    letReport(lamp);
    EXPECT_THAT(outputOf({"devices"}), AllOf(StartsWith("DEVICE  TYPE   STATE   SINCE"),
                                             HasSubstr("\nlamp    esp32  online  ")));
    EXPECT_THAT(outputOf({"devices", "--tag", "hall", "--json"}),
                HasSubstr(R"("device_id":"lamp")"));
    EXPECT_THAT(outputOf({"devices", "--type", "sensor"}), Not(HasSubstr("lamp")));
    EXPECT_THAT(outputOf({"devices", "--offline"}), Not(HasSubstr("lamp")));
    EXPECT_THAT(outputOf({"device", "lamp"}), HasSubstr("metadata        {\"tags\":[\"hall\"]}\n"));
    EXPECT_THAT(
        outputOf({"history", "lamp", "--limit", "2"}),
        AllOf(HasSubstr("{\"n\":3}\n"), HasSubstr("{\"n\":2}\n"), Not(HasSubstr("{\"n\":1}"))));
    EXPECT_THAT(outputOf({"connections", "lamp"}), HasSubstr("  connected  "));
    EXPECT_THAT(outputOf({"state", "lamp"}), HasSubstr("state        {\"n\":3}\n"));
    EXPECT_EQ(hubctl({"state", "lamp", "--at", "2020-01-01"}).code, 1);
    EXPECT_EQ(hubctl({"device", "nobody"}).code, 1);
    EXPECT_EQ(hubctl({"history", "nobody"}).code, 1);
}

TEST_F(Hubctl, KicksAndForgets) {
    DeviceClient lamp(port_, "lamp");
    letReport(lamp);
    EXPECT_THAT(outputOf({"kick", "lamp"}), HasSubstr("lamp is being closed"));
    EXPECT_EQ(lamp.receive(), "");
    static_cast<void>(getUntil(port_, "/api/device-connection-history/lamp", "kicked"));
    EXPECT_THAT(outputOf({"connections", "lamp"}), HasSubstr("disconnected (kicked)"));
    EXPECT_THAT(outputOf({"device", "lamp"}), HasSubstr("offline (kicked)"));
    EXPECT_EQ(hubctl({"kick", "lamp"}).code, 1);

    EXPECT_THAT(outputOf({"forget", "lamp", "--yes"}), HasSubstr("are deleted"));
    EXPECT_EQ(hubctl({"device", "lamp"}).code, 1);
    EXPECT_EQ(hubctl({"forget", "lamp", "--yes"}).code, 1);
}

TEST_F(Hubctl, ShowsTheHubItself) {
    EXPECT_EQ(outputOf({"health"}), "ready\n");
    EXPECT_THAT(outputOf({"plugins"}), AllOf(HasSubstr("\nsqlite-store  store "),
                                             HasSubstr("\nws-transport  transport ")));
    DeviceClient lamp(port_, "lamp");
    letReport(lamp);
    EXPECT_THAT(outputOf({"logs", "--level", "debug"}), HasSubstr("lamp online (websocket, "));
}

TEST_F(Hubctl, SeesEverySimulatedDevice) {
    Process simulation({HUBCTL_PATH, "sim", "--url", "ws://127.0.0.1:" + std::to_string(port_),
                        "--count", "3", "--rate", "20", "--prefix", "s-", "--duration", "0.5",
                        "--quiet"});
    EXPECT_EQ(simulation.wait(), 0) << simulation.output();
    const std::string devices = outputOf({"devices", "--json"});
    for (const char* id : {"s-1", "s-2", "s-3"}) {
        EXPECT_THAT(devices, HasSubstr("\"" + std::string(id) + "\""));
        EXPECT_THAT(outputOf({"history", id, "--json"}), HasSubstr("temperature"));
    }
}

TEST_F(Hubctl, SendsACommandAndWaitsForItsOutcome) {
    DeviceClient lamp(port_, "lamp");
    letReport(lamp);
    for (const auto& [status, code] : {std::pair("success", 0), std::pair("error", 1)}) {
        Process send({HUBCTL_PATH, "send", "tag:hall", "on", R"({"n":1})", "--wait", "--url",
                      "http://127.0.0.1:" + std::to_string(port_)});
        const std::string id = commandIn(lamp.receive());
        lamp.send(R"({"message_type":"command_ack","command_id":")" + id + R"(","status":")" +
                  status + R"("})");
        EXPECT_EQ(send.wait(), code);
        const std::string outcome = std::string("ack_") + status;
        EXPECT_THAT(send.output(), AllOf(StartsWith("command " + id + " to 1 device\nlamp  sent\n"),
                                         HasSubstr("\nlamp  " + outcome + "\n" + outcome + ": ")));
        EXPECT_THAT(outputOf({"commands", "--status", outcome}), HasSubstr(id));
        EXPECT_THAT(outputOf({"command", id}), HasSubstr("\nlamp    " + outcome));
    }
}

TEST_F(Hubctl, AQueuedCommandGoesOutWhenTheDeviceComes) {
    {
        DeviceClient lamp(port_, "lamp");
        letReport(lamp);
        lamp.close();
    }
    static_cast<void>(getUntil(port_, "/api/devices/lamp", "\"is_online\":false"));
    EXPECT_THAT(hubctl({"send", "lamp", "on"}).output, HasSubstr("lamp  unreachable"));
    const std::vector<std::string> queue{"send", "lamp", "on", "--queue", "--key", "once"};
    const std::string first = outputOf(queue);
    EXPECT_THAT(first, HasSubstr("\nlamp  queued\n"));
    EXPECT_THAT(outputOf(queue),
                AllOf(StartsWith("hubctl send: this call was made before under its key: "),
                      EndsWith("\n" + first)));
    EXPECT_THAT(outputOf({"send", "lamp", "off", "--queue"}), HasSubstr("\nlamp  queued\n"));
    const std::string off_id = commandIn(outputOf({"commands", "--limit", "1", "--json"}));
    EXPECT_THAT(outputOf({"cancel", off_id}), HasSubstr("Cancelled for 1 device."));
    EXPECT_EQ(hubctl({"cancel", off_id}).code, 1);

    DeviceClient lamp(port_, "lamp");
    lamp.send(R"({"message_type":"registration","device_type":"esp32"})");
    EXPECT_THAT(first, HasSubstr(commandIn(lamp.receive())));
}

TEST_F(Hubctl, WatchesUntilNobodyReads) {
    DeviceClient lamp(port_, "lamp");
    letReport(lamp);
    const std::string url = " --url http://127.0.0.1:" + std::to_string(port_);
    Process watch(
        {"/bin/sh", "-c",
         std::string(HUBCTL_PATH) + " watch 'devices/+/status' --since 0" + url + " | head -n 2"});
    EXPECT_EQ(watch.wait(), 0);
    EXPECT_THAT(watch.output(),
                AllOf(HasSubstr("  devices/lamp/status  n=1\n"),
                      HasSubstr("  devices/lamp/status  n=2\n"), Not(HasSubstr("n=3"))));
}

TEST_F(Hubctl, ExportsTheHistory) {
    DeviceClient lamp(port_, "lamp");
    letReport(lamp);
    const std::string csv = outputOf({"export", "lamp", "--format", "csv"});
    EXPECT_THAT(csv, AllOf(StartsWith("timestamp,device_time,n,more\n"), HasSubstr("Z,,3,\n"),
                           HasSubstr("Z,,1,\n")));
    EXPECT_THAT(outputOf({"export", "lamp"}), StartsWith(R"({"state_data":{"n":3},)"));
    EXPECT_EQ(hubctl({"export", "nobody"}).code, 1);
}

TEST_F(Hubctl, WithoutAHubItSaysSo) {
    hub_.reset();
    const Outcome outcome = hubctl({"health"});
    EXPECT_EQ(outcome.code, 3);
    EXPECT_EQ(outcome.output,
              "hubctl: no hub answers at http://127.0.0.1:" + std::to_string(port_) +
                  " (connection refused). Is hubd running? Give another address "
                  "with --url.\n");
}

}  // namespace
}  // namespace hub::integration
