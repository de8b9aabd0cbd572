#include "websocket/link_metrics.h"

#include "core/websocket/serving.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace hub::websocket {
namespace {

class LinkMetrics : public Serving {
protected:
    LinkMetrics() : Serving(2) {}
};

TEST_F(LinkMetrics, CountLinks) {
    serve();
    EXPECT_TRUE(shows("hub_websocket_links 0"));
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(connect());
    EXPECT_TRUE(shows("hub_websocket_links 5"));
    mounted_ = {};
    EXPECT_TRUE(shows("hub_websocket_links 0"));
    EXPECT_TRUE(shows("hub_websocket_closed_total{code=\"1001\"} 5"));
}

TEST_F(LinkMetrics, CountMessagesAndTheBytesOfFrames) {
    endpoint_.takes_binary = true;
    endpoint_.on_text = [](WebSocketLink& link, std::string_view text) { link.send(text); };
    serve();
    const auto client = connect();
    client->sendText("12345");
    EXPECT_EQ(client->read(), text("12345"));
    client->sendBytes(clientFrame(0x82, "1234567890"));
    client->sendBytes(clientFrame(0x89, ""));
    EXPECT_EQ(client->read()->kind, Decoded::Kind::Pong);
    EXPECT_EQ(server_.send(endpoint_.lastLink(), "123"), Delivery::Accepted);
    EXPECT_EQ(client->read(), text("123"));
    for (std::size_t i = 0; i < loops_.size(); ++i) runPosted(i);

    for (int reading = 0; reading < 2; ++reading) {
        EXPECT_TRUE(shows("hub_websocket_messages_total{direction=\"in\"} 2"));
        EXPECT_TRUE(shows("hub_websocket_messages_total{direction=\"out\"} 2"));
        EXPECT_TRUE(shows("hub_websocket_bytes_total{direction=\"in\"} 33"));   // 11 + 16 + 6
        EXPECT_TRUE(shows("hub_websocket_bytes_total{direction=\"out\"} 14"));  // 7 + 2 + 5
    }
}

TEST_F(LinkMetrics, CountHowLinksEnd) {
    serve();
    const auto close = [this](CloseCode code) {
        const auto client = connect();
        client->sendClose(code);
        (void)client->readToEnd();
        EXPECT_TRUE(endpoint_.hears().starts_with("end "));
    };
    close(CloseCode::Normal);
    close(CloseCode::Normal);
    close(CloseCode::NoStatus);
    close(CloseCode{4711});
    close(CloseCode{3000});
    connect().reset();
    EXPECT_EQ(endpoint_.hears(), "end broken 1006");

    EXPECT_TRUE(shows("hub_websocket_closed_total{code=\"1000\"} 2"));
    EXPECT_TRUE(shows("hub_websocket_closed_total{code=\"1005\"} 1"));
    EXPECT_TRUE(shows("hub_websocket_closed_total{code=\"other\"} 2"));
    EXPECT_TRUE(shows("hub_websocket_closed_total{code=\"none\"} 1"));
    EXPECT_TRUE(shows("hub_websocket_closed_total{code=\"4000\"} 0"));
}

TEST_F(LinkMetrics, DoNotCountALinkThatNeverOpened) {
    endpoint_.on_open = [](WebSocketLink&) { throw std::runtime_error("no room"); };
    serve();
    (void)connect();
    EXPECT_TRUE(shows("hub_websocket_links 0"));
    EXPECT_TRUE(shows("hub_websocket_closed_total{code=\"none\"} 0"));
}

}  // namespace
}  // namespace hub::websocket
