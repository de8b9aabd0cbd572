#pragma once

#include <string>

#include "hub/logger.h"
#include "net/descriptor.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/timer.h"

namespace hub::net {

// A listening socket on a loop. From `start` on it belongs to the loop's thread, on which it must
// then be destroyed, unless the loop has ended.
class Acceptor final : public Pollable {
public:
    // `socket` listens and does not block. The references must outlive the acceptor.
    Acceptor(Loop& loop, Descriptor socket, Logger& logger, const Listener::Accepted& accepted);
    ~Acceptor() override;

    void start();

    void onReady(std::uint32_t events) override;

private:
    void rest(int error);

    Loop& loop_;
    const Descriptor socket_;
    Logger& logger_;
    const Listener::Accepted& accepted_;
    Timer resting_;
    bool started_ = false;
    SteadyTime next_complaint_{};  // lack of descriptors is logged again from here on
};

}  // namespace hub::net
