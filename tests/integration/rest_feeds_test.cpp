// The live events of the real hub: curl on Server-Sent Events, Poco's client on the WebSocket.
#include "integration/rest_fixture.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/WebSocket.h>
#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

namespace hub::integration {
namespace {

using testing::HasSubstr;

class RestFeeds : public Rest {
protected:
    // `curl -N` on the live events; returns once it hears them.
    std::unique_ptr<Process> listen(const std::string& query) {
        auto curl = std::make_unique<Process>(std::vector<std::string>{
            "/usr/bin/curl", "--silent", "--no-buffer",
            "http://127.0.0.1:" + std::to_string(port()) + "/api/events?" + query});
        curl->waitFor("retry: 2000");
        return curl;
    }

    // The `n` of every state in a stream, in its order.
    static std::vector<int> numbersIn(const std::string& stream) {
        std::vector<int> numbers;
        const std::string key = R"("payload":{"n":)";
        for (std::size_t at = 0; (at = stream.find(key, at)) != std::string::npos;) {
            at += key.size();
            numbers.push_back(std::stoi(stream.substr(at)));
        }
        return numbers;
    }
    // What stands behind the last `id: ` of a stream.
    static std::string lastId(const std::string& stream) {
        const std::size_t at = stream.rfind("\nid: ") + 5;
        return stream.substr(at, stream.find('\n', at) - at);
    }

    std::string threads() const {
        std::ifstream status("/proc/" + std::to_string(hub_->pid()) + "/status");
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("Threads:")) return line;
        }
        return {};
    }
};

TEST_F(RestFeeds, AClientResumesWithoutGapOrRepeatAlsoOverACrash) {
    constexpr int kBefore = 300;
    constexpr int kAfter = 600;
    auto lamp = deviceIsOnline("lamp", "light");
    auto curl = listen("topic=devices/lamp/status");
    for (int n = 2; n <= kBefore; ++n) sendState(*lamp, n);
    curl->waitFor(R"({"n":100})");
    curl->signal(SIGKILL);
    (void)curl->wait();
    // The last event may have been cut off.
    std::string heard = curl->output().substr(0, curl->output().rfind("\n\n") + 1);

    restart(true);
    lamp = deviceIsOnline("lamp", "light");
    for (int n = kBefore + 1; n <= kBefore + 100; ++n) sendState(*lamp, n);
    curl = listen("topic=devices/lamp/status&since=" + lastId(heard));
    for (int n = kBefore + 101; n <= kAfter; ++n) sendState(*lamp, n);
    curl->waitFor(R"({"n":600})");
    heard += curl->output();

    std::vector<int> expected;
    for (int n = 2; n <= kBefore; ++n) expected.push_back(n);
    expected.push_back(1);  // the device's first after the crash
    for (int n = kBefore + 1; n <= kAfter; ++n) expected.push_back(n);
    EXPECT_EQ(numbersIn(heard), expected);
}

TEST_F(RestFeeds, CommandsAreHeardAsTheyHappen) {
    const auto lamp = deviceIsOnline("lamp", "light");
    const auto curl = listen("topic=devices/%2B/command");
    const Answer answer =
        ask("POST", "/api/command", {"--data", R"({"all":true,"command_name":"blink"})"});
    const std::string id = firstText(answer.body, "command_id");
    curl->waitFor(R"("command_id":")" + id + R"(","command_name":"blink","status":"sent")");
    EXPECT_THAT(curl->output(), HasSubstr(R"("status":"pending")"));
}

TEST_F(RestFeeds, ManyReadersCostNoThreads) {
    constexpr std::size_t kReaders = 300;
    const auto lamp = deviceIsOnline("lamp", "light");
    const std::string before = threads();
    std::vector<Poco::Net::StreamSocket> readers;
    for (std::size_t i = 0; i < kReaders; ++i) {
        auto& reader = readers.emplace_back(Poco::Net::SocketAddress("127.0.0.1", port()));
        const std::string request = "GET /api/events HTTP/1.1\r\nHost: hub\r\n\r\n";
        reader.setReceiveTimeout(Poco::Timespan(60, 0));
        reader.sendBytes(request.data(), static_cast<int>(request.size()));
    }
    const auto readUntil = [](Poco::Net::StreamSocket& reader, const std::string& text) {
        std::string heard;
        std::array<char, 4096> bytes{};
        while (heard.find(text) == std::string::npos) {
            const int count = reader.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
            if (count <= 0) return false;
            heard.append(bytes.data(), static_cast<std::size_t>(count));
        }
        return true;
    };
    for (auto& reader : readers) ASSERT_TRUE(readUntil(reader, "retry: 2000"));
    EXPECT_THAT(body("/metrics"), HasSubstr(R"(hub_http_feed_readers{kind="sse"} 300)"));
    sendState(*lamp, 2);
    for (auto& reader : readers) ASSERT_TRUE(readUntil(reader, R"({"n":2})"));
    EXPECT_EQ(threads(), before);
}

TEST_F(RestFeeds, TheSameIsToldOverAWebSocket) {
    const auto lamp = deviceIsOnline("lamp", "light");
    Poco::Net::HTTPClientSession session("127.0.0.1", port());
    Poco::Net::HTTPRequest request("GET", "/api/live?topic=devices/lamp/status&since=0",
                                   "HTTP/1.1");
    Poco::Net::HTTPResponse response;
    Poco::Net::WebSocket live(session, request, response);
    live.setReceiveTimeout(Poco::Timespan(60, 0));
    sendState(*lamp, 2);
    for (const char* state : {R"("payload":{"n":1}})", R"("payload":{"n":2}})"}) {
        std::array<char, 4096> bytes{};
        int flags = 0;
        const int count = live.receiveFrame(bytes.data(), static_cast<int>(bytes.size()), flags);
        ASSERT_GT(count, 0);
        const std::string message(bytes.data(), static_cast<std::size_t>(count));
        EXPECT_THAT(message, HasSubstr(R"({"event":"status","sequence":)"));
        EXPECT_THAT(message, testing::EndsWith(state));
    }
    EXPECT_THAT(body("/metrics"), HasSubstr(R"(hub_http_feed_readers{kind="websocket"} 1)"));
    EXPECT_EQ(ask("GET", "/api/live").status, "426");
}

TEST_F(RestFeeds, AStopEndsTheReaders) {
    const auto curl = listen("");
    EXPECT_EQ(hub_->stop(), 0);
    (void)curl->wait();
}

}  // namespace
}  // namespace hub::integration
