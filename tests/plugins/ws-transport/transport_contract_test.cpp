#include "contract/transport_contract.h"

#include "fakes/fake_http_request.h"
#include "fakes/fake_hub.h"
#include "fakes/fake_store.h"
#include "fakes/fake_websocket_endpoints.h"
#include "ws_transport.h"

#include <memory>
#include <optional>
#include <string>

namespace hub::contract {
namespace {

class WsDevice final : public DeviceUnderTest {
public:
    WsDevice(fakes::FakeWebSocketEndpoints& links, std::string_view id)
        : links_(links),
          link_(*links.connect(fakes::FakeHttpRequest("/ws/" + std::string(id))
                                   .withParameter("device_id", std::string(id)))) {}

    [[nodiscard]] LinkId link() const override { return link_.id(); }
    void says(std::string_view document) override {
        link_.hears(std::string(document));
        links_.runNotifications();
    }
    [[nodiscard]] std::vector<std::string> takeReceived() override { return link_.takeSent(); }
    void leaves() override { link_.ends({LinkEnd::Cause::PeerClosed, CloseCode::Normal}); }
    void breaks() override { link_.ends({LinkEnd::Cause::Broken, CloseCode::AbnormalClosure}); }
    [[nodiscard]] bool connected() const override { return !link_.closeCode(); }

private:
    fakes::FakeWebSocketEndpoints& links_;
    fakes::FakeWebSocketLink& link_;
};

class WsTransportUnderTest final : public TransportUnderTest {
public:
    WsTransportUnderTest() {
        hub_.use(devices_);
        hub_.use(links_);
        hub_.setHistory(&store_);
        transport_.emplace(WebSocketLimits{}, hub_);
    }

    [[nodiscard]] Transport& transport() override { return *transport_; }
    [[nodiscard]] fakes::FakeDevices& devices() override { return devices_; }
    [[nodiscard]] std::unique_ptr<DeviceUnderTest> connect(std::string_view id) override {
        return std::make_unique<WsDevice>(links_, id);
    }
    void settle() override { links_.runNotifications(); }

private:
    fakes::FakeStore store_;
    fakes::FakeDevices devices_;
    fakes::FakeWebSocketEndpoints links_;
    fakes::FakeHub hub_;
    std::optional<ws_transport::WsTransport> transport_;
};

INSTANTIATE_TEST_SUITE_P(WsTransport, TransportContract,
                         ::testing::Values([]() -> std::unique_ptr<TransportUnderTest> {
                             return std::make_unique<WsTransportUnderTest>();
                         }));

}  // namespace
}  // namespace hub::contract
