#pragma once

#include "api_description.h"
#include "fakes/fake_history.h"
#include "fakes/fake_hub.h"
#include "fakes/fake_websocket_endpoints.h"
#include "fakes/fixed_log_tail.h"
#include "fakes/known_devices.h"
#include "http_api_plugin.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hub::http_api {

// The plugin between a hub made by hand and a client. Whatever a test has it answer must be
// described in its OpenAPI document.
class HttpApi : public testing::Test {
protected:
    using Query = fakes::FakeHttpRoutes::Query;
    using Object = Poco::JSON::Object;

    HttpApi() {
        hub_.use(devices_);
        hub_.use(log_tail_);
        hub_.use(web_sockets_);
        hub_.setHistory(&history_);
        plugin_.configure(Options{plugin_.options(), {}});
        plugin_.start(hub_);
        hub_.routes().watch([](const std::string& route, const fakes::FakeHttpRequest& request,
                               const HttpResponse& response) {
            static const ApiDescription description;
            EXPECT_THAT(description.statuses(route), testing::Contains(response.status)) << route;
            EXPECT_THAT(description.parameters(route), testing::IsSupersetOf(taken(request)))
                << route;
        });
    }
    ~HttpApi() override { plugin_.stop(); }

    // The query parameters that were looked at, but for those that only a body may have.
    static std::set<std::string> taken(const fakes::FakeHttpRequest& request) {
        std::set<std::string> names = request.queriesAsked();
        if (request.path() == "/api/command") {
            for (const char* member : {"device_id", "device_ids", "tag", "all", "payload", "ttl_s",
                                       "ack_timeout_s", "queue_offline"}) {
                names.erase(member);
            }
        }
        return names;
    }

    HttpResponse send(const std::string& method, const std::string& path) {
        return hub_.routes().send(method, path);
    }
    HttpResponse get(const std::string& path, const Query& query = {}) {
        return hub_.routes().get(path, query);
    }

    static Object::Ptr parsed(const HttpResponse& response) {
        Poco::JSON::Parser parser;
        return parser.parse(response.body).extract<Object::Ptr>();
    }

    // The body of a good answer.
    Object::Ptr json(const std::string& path, const Query& query = {}) {
        const HttpResponse response = get(path, query);
        EXPECT_EQ(response.status, 200) << response.body;
        EXPECT_EQ(response.content_type, "application/json");
        return parsed(response);
    }

    // The `detail` of a problem document.
    std::string problem(int status, const std::string& path, const Query& query = {}) {
        const HttpResponse response = get(path, query);
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(response.content_type, "application/problem+json");
        return parsed(response)->getValue<std::string>("detail");
    }

    Device& deviceIsKnown(const std::string& id) {
        Device device;
        device.index = DeviceIndex{static_cast<std::uint32_t>(devices_.known.size())};
        device.id = id;
        device.type = "sensor";
        device.metadata = "{}";
        device.transport = "websocket";
        return devices_.known.emplace_back(std::move(device));
    }

    // The first device, weather-1, has sent snapshots 1 to `count`, a second apart.
    void statesAreStored(std::size_t count) {
        deviceIsKnown("weather-1");
        for (std::size_t i = count; i > 0; --i) {
            history_.state_rows.push_back({i, kStart + std::chrono::seconds{i}, std::nullopt,
                                           R"({"n":)" + std::to_string(i) + "}"});
        }
    }

    // The numbers of a page of such snapshots, in its order.
    static std::vector<int> numbersIn(const Object::Ptr& page) {
        std::vector<int> numbers;
        for (const Object::Ptr& state : itemsOf(page, "states")) {
            numbers.push_back(state->getObject("state_data")->getValue<int>("n"));
        }
        return numbers;
    }

    // The items of a list, which must be as many as it says.
    static std::vector<Object::Ptr> itemsOf(const Object::Ptr& page, const std::string& name) {
        std::vector<Object::Ptr> items;
        const auto array = page->getArray(name);
        for (unsigned i = 0; i < array->size(); ++i) items.push_back(array->getObject(i));
        EXPECT_EQ(page->getValue<std::size_t>("total"), items.size());
        return items;
    }

    // The `device_id` of every item of the list, page by page.
    std::vector<std::string> idsOnAllPages(const std::string& path, const std::string& name,
                                           Query query) {
        std::vector<std::string> ids;
        for (bool more = true; more && ids.size() < 1000;) {
            const auto page = json(path, query);
            const auto items = itemsOf(page, name);
            EXPECT_FALSE(items.empty());
            for (const auto& item : items) ids.push_back(item->getValue<std::string>("device_id"));
            more = !page->isNull("next");
            if (more) query["cursor"] = page->getValue<std::string>("next");
        }
        return ids;
    }

    static constexpr Timestamp kStart = fakes::ManualClock::kStart;
    fakes::KnownDevices devices_;
    fakes::FakeHistory history_;
    fakes::FixedLogTail log_tail_;
    fakes::FakeWebSocketEndpoints web_sockets_;
    fakes::FakeHub hub_;
    HttpApiPlugin plugin_;
};

}  // namespace hub::http_api
