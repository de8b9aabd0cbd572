#include "net/connection_set.h"

#include <cstdint>
#include <utility>

namespace hub::net {

Connection& ConnectionSet::add(std::unique_ptr<Connection> connection) {
    connection->slot_ = static_cast<std::uint32_t>(connections_.size());
    return *connections_.emplace_back(std::move(connection));
}

void ConnectionSet::scheduleOffer(Connection& connection) {
    if (!std::exchange(connection.in_offers_, true)) offers_.push_back(&connection);
}

void ConnectionSet::scheduleFlush(Connection& connection) {
    if (!std::exchange(connection.in_flushes_, true)) flushes_.push_back(&connection);
}

void ConnectionSet::scheduleEnd(Connection& connection) {
    if (!std::exchange(connection.in_ends_, true)) ends_.push_back(&connection);
}

void ConnectionSet::offerTails() {
    current_.swap(offers_);
    for (Connection* connection : current_) {
        connection->in_offers_ = false;
        connection->offerTail();
    }
    current_.clear();
}

void ConnectionSet::flush() {
    current_.swap(flushes_);
    for (Connection* connection : current_) {
        connection->in_flushes_ = false;
        connection->flush();
    }
    current_.clear();
}

void ConnectionSet::tellEnds() {
    // By index: telling one end may bring about others.
    for (std::size_t i = 0; i < ends_.size(); ++i) {
        Connection& connection = *ends_[i];
        connection.tellEnd();
        connection.in_ends_ = false;
        if (connection.state_ == Connection::State::Gone && !connection.protocol_) {
            destroy(connection);
        }
    }
    ends_.clear();
}

void ConnectionSet::abortAll() {
    while (!connections_.empty()) {
        for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->abort();
        tellEnds();
    }
}

bool ConnectionSet::pending() const noexcept {
    return !offers_.empty() || !flushes_.empty() || !ends_.empty();
}

void ConnectionSet::destroy(Connection& connection) {
    if (connection.in_offers_) std::erase(offers_, &connection);
    if (connection.in_flushes_) std::erase(flushes_, &connection);
    const std::uint32_t slot = connection.slot_;
    std::swap(connections_[slot], connections_.back());
    connections_[slot]->slot_ = slot;
    connections_.pop_back();
}

}  // namespace hub::net
