#pragma once

#include "net/descriptor.h"
#include "net/loop.h"
#include "net/socket_address.h"

namespace hub::net {

// What a listener accepts connections for. Every call comes on a loop's thread, for each loop on
// its own.
class Service {
public:
    virtual ~Service() = default;

    // Serves a connection: connected and non-blocking.
    virtual void accept(Loop& loop, Descriptor connection, const SocketAddress& peer) = 0;

    // Turns a connection away that cannot be served: the process may open no more descriptors, and
    // needs this one back when the call returns.
    virtual void turnAway(Loop& loop, Descriptor connection, const SocketAddress& peer) = 0;
};

}  // namespace hub::net
