#include "websocket/link_table.h"

#include "websocket/frame.h"
#include "websocket/link.h"
#include "websocket/mount.h"

#include <string>
#include <utility>
#include <vector>

namespace hub::websocket {
namespace {

constexpr unsigned kIndexShift = 48;

}  // namespace

LinkTable::LinkTable(net::Loop& loop, EventSink& events, BacklogBudget& backlogs)
    : loop_(loop),
      events_(events),
      backlogs_(backlogs),
      last_id_(std::uint64_t{loop.index()} << kIndexShift) {}

std::size_t LinkTable::indexOf(LinkId id) noexcept {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(id) >> kIndexShift);
}

LinkId LinkTable::add(Link& link) {
    const LinkId id{++last_id_};
    const std::lock_guard lock(mutex_);
    links_.emplace(id, &link);
    return id;
}

void LinkTable::remove(Link& link) {
    const std::lock_guard lock(mutex_);
    links_.erase(link.id());
    yielding_.erase(link.id());
}

std::size_t LinkTable::size() const {
    const std::lock_guard lock(mutex_);
    return links_.size();
}

Link* LinkTable::find(LinkId id) const {
    const auto found = links_.find(id);
    return found == links_.end() ? nullptr : found->second;
}

Delivery LinkTable::send(LinkId id, std::string_view text) {
    std::string frame;
    appendFrame(frame, Opcode::Text, text);
    {
        const std::lock_guard lock(mutex_);
        Link* const link = find(id);
        if (link == nullptr) return Delivery::Unreachable;
        const Delivery delivery = link->reserve(frame.size());
        if (delivery != Delivery::Accepted) return delivery;
    }
    const bool posted = loop_.post([this, id, frame = std::move(frame)] {
        if (Link* const link = find(id)) link->sendReserved(frame);
    });
    return posted ? Delivery::Accepted : Delivery::Unreachable;
}

void LinkTable::notify(LinkId id, std::uint64_t word) {
    loop_.post([this, id, word] {
        if (Link* const link = find(id)) link->notify(word);
    });
}

// A link may yield again while it is resumed: that is for the next time.
void LinkTable::resumeYielding() {
    for (const LinkId id : std::exchange(yielding_, {})) {
        if (Link* const link = find(id)) link->resumeFromLog();
    }
}

void LinkTable::shutDown(const Mount& mount) {
    std::vector<Link*> ending;
    for (const auto& [id, link] : links_) {
        if (&link->mount() == &mount) ending.push_back(link);
    }
    for (Link* const link : ending) link->shutDown();
}

}  // namespace hub::websocket
