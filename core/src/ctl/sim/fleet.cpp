#include "ctl/sim/fleet.h"

#include <utility>

namespace hub::ctl::sim {

Fleet::Fleet(net::Loop& loop, const HubUrl& url, const Endpoint& endpoint,
             std::vector<std::unique_ptr<SimulatedDevice>> devices, Statistics& statistics)
    : context_{.loop = loop,
               .statistics = statistics,
               .authority = url.authority(),
               .endpoint = endpoint},
      ack_deadline_(loop, [this] { closeLinks(); }),
      close_deadline_(loop, [this] {
          for (DeviceClient& client : clients_) client.abort();
      }) {
    for (auto& device : devices) clients_.emplace_back(context_, std::move(device));
}

void Fleet::start() {
    for (DeviceClient& client : clients_) client.start();
}

void Fleet::finish(std::function<void()> finished) {
    context_.all_finished = std::move(finished);
    context_.handshakes.clear();
    ack_deadline_.arm(context_.loop.now() + kAckLimit);
    for (DeviceClient& client : clients_) client.finish();
}

void Fleet::closeLinks() {
    for (DeviceClient& client : clients_) client.closeLink();
    close_deadline_.arm(context_.loop.now() + kCloseLimit);
}

}  // namespace hub::ctl::sim
