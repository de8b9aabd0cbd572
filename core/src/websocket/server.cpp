#include "websocket/server.h"

#include "websocket/mount.h"

#include <cassert>

namespace hub::websocket {

namespace {

std::vector<std::unique_ptr<LinkTable>> makeTables(net::LoopGroup& loops,
                                                   const std::vector<EventSink*>& events,
                                                   BacklogBudget& backlogs) {
    assert(events.size() == loops.size());
    std::vector<std::unique_ptr<LinkTable>> tables;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        tables.push_back(std::make_unique<LinkTable>(loops[i], *events[i], backlogs));
    }
    return tables;
}

}  // namespace

Server::Server(net::LoopGroup& loops, const std::vector<EventSink*>& events,
               http::FrontDoor& front_door, std::size_t backlog_bytes, Metrics& metrics,
               Logger& logger)
    : backlogs_(backlog_bytes),
      tables_(makeTables(loops, events, backlogs_)),
      front_door_(front_door),
      logger_(logger),
      metrics_(metrics, tables_) {}

Server::~Server() = default;

Registration Server::mount(std::string_view pattern, WebSocketEndpoint& endpoint,
                           const WebSocketLimits& limits) {
    struct Mounted {
        Mount mount;
        Registration route;
    };
    // Shared only because a Registration's function must be copyable: the registration owns it.
    const std::shared_ptr<Mounted> mounted(
        new Mounted{{pattern, endpoint, limits, tables_, front_door_.refusals(), logger_}, {}});
    mounted->route = front_door_.mountUpgrade(pattern, mounted->mount);
    return Registration([mounted] {
        mounted->route = Registration();
        mounted->mount.shutDown();
    });
}

Delivery Server::send(LinkId link, std::string_view text) {
    LinkTable* const table = tableOf(link);
    return table == nullptr ? Delivery::Unreachable : table->send(link, text);
}

void Server::notify(LinkId link, std::uint64_t word) {
    if (LinkTable* const table = tableOf(link)) table->notify(link, word);
}

void Server::resumeYielding(std::size_t loop) { tables_[loop]->resumeYielding(); }

LinkTable* Server::tableOf(LinkId link) const noexcept {
    const std::size_t index = LinkTable::indexOf(link);
    return index < tables_.size() ? tables_[index].get() : nullptr;
}

}  // namespace hub::websocket
