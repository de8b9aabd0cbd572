#pragma once

#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub::integration {

struct Answer {
    std::string status;
    std::string entity_tag;
    std::string replayed;  // `true` for the answer to an earlier request
    std::string body;
};

// A real hub, and what curl gets from it.
class Rest : public testing::Test {
protected:
    // What `curl -X METHOD` gets, with further arguments of curl.
    Answer ask(const std::string& method, const std::string& path,
               const std::vector<std::string>& arguments = {}) {
        std::vector<std::string> command{
            "/usr/bin/curl", "--silent",
            "--max-time",    "60",
            "--request",     method,
            "--write-out",   "\n%header{idempotency-replayed}\n%header{etag}\n%{http_code}"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        command.push_back("http://127.0.0.1:" + std::to_string(port()) + path);
        Process curl(command);
        EXPECT_EQ(curl.wait(), 0) << curl.output();
        std::string output = curl.output();
        Answer answer;
        for (std::string* line : {&answer.status, &answer.entity_tag, &answer.replayed}) {
            const std::size_t end = output.rfind('\n');
            *line = output.substr(end + 1);
            output.erase(end);
        }
        answer.body = std::move(output);
        return answer;
    }

    std::string body(const std::string& path) {
        const Answer answer = ask("GET", path);
        EXPECT_EQ(answer.status, "200") << answer.body;
        return answer.body;
    }

    // A device that has registered, with this metadata, and sent one state, which is on disk.
    std::unique_ptr<DeviceClient> deviceIsOnline(const std::string& id, const std::string& type,
                                                 const std::string& metadata = "{}") {
        auto device = std::make_unique<DeviceClient>(port(), id);
        device->send(R"({"message_type":"registration","device_type":")" + type +
                     R"(","metadata":)" + metadata + "}");
        sendState(*device, 1);
        return device;
    }
    static void sendState(DeviceClient& device, int n) {
        const std::string number = std::to_string(n);
        device.send(R"({"message_type":"status","msg_id":)" + number + R"(,"payload":{"n":)" +
                    number + "}}");
        EXPECT_EQ(device.receive(), R"({"message_type":"ack","msg_id":)" + number + "}");
    }

    // The text of the string field `name` that comes first in `json`.
    static std::string firstText(const std::string& json, const std::string& name) {
        const std::string key = '"' + name + "\":\"";
        const std::size_t begin = json.find(key) + key.size();
        return json.substr(begin, json.find('"', begin) - begin);
    }

    // Starts the hub again on its data; as after `kill -9` when it had to crash.
    void restart(bool crash = false) {
        if (crash) hub_->crash();
        hub_.reset();
        hub_ = std::make_unique<HubProcess>(folder_.path());
    }
    [[nodiscard]] std::uint16_t port() const { return hub_->port(); }

    fakes::TemporaryFolder folder_;
    std::unique_ptr<HubProcess> hub_ = std::make_unique<HubProcess>(folder_.path());
};

}  // namespace hub::integration
