#pragma once

#include "net/connection.h"

#include <memory>
#include <vector>

namespace hub::net {

// The connections of a loop and what is to be done with them before its turn ends. Putting that off
// is what coalesces output, and what keeps a connection alive while its protocol is running.
class ConnectionSet {
public:
    Connection& add(std::unique_ptr<Connection> connection);

    void scheduleOffer(Connection& connection);
    void scheduleFlush(Connection& connection);
    void scheduleEnd(Connection& connection);

    // Each does what has been scheduled; what is scheduled meanwhile is left for the next turn,
    // except for ends.
    void offerTails();
    void flush();
    void tellEnds();

    // Ends all that are open, and whatever they open when told.
    void abortAll();

    // Something is left for the next turn.
    [[nodiscard]] bool pending() const noexcept;

private:
    void destroy(Connection& connection);

    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> offers_;
    std::vector<Connection*> flushes_;
    std::vector<Connection*> ends_;
    std::vector<Connection*> current_;  // being served: kept for its memory
};

}  // namespace hub::net
