#pragma once

#include "hub/logger.h"
#include "net/descriptor.h"
#include "net/loop.h"
#include "net/service.h"
#include "net/timer.h"

#include <atomic>
#include <cstdint>

namespace hub::net {

// A listening socket on a loop. From `start` on it belongs to the loop's thread, on which it must
// then be destroyed, unless the loop has ended.
//
// When the process may open no more descriptors, connections are turned away, for which one is kept
// in reserve. What one acceptor gives up for that must not serve a connection of another: so while
// any spare is missing, all of them turn away.
class Acceptor final : public Pollable {
public:
    // `socket` listens and does not block. The references must outlive the acceptor;
    // `spares_missing` is shared with the other acceptors of the listener.
    Acceptor(Loop& loop, Descriptor socket, std::atomic<int>& spares_missing, Logger& logger,
             Service& service);
    ~Acceptor() override;

    void start();

    void onReady(std::uint32_t events) override;

private:
    // How an attempt to accept one connection ended.
    enum class Outcome : std::uint8_t {
        Accepted,
        Gone,  // the peer had left already
        NoneWaits,
        Exhausted,  // there is no descriptor for it: see errno
    };

    Outcome acceptOne();
    Outcome turnOneAway();
    void takeSpare();
    void rest(int error);

    // Constant after construction.
    Loop& loop_;
    const Descriptor socket_;
    std::atomic<int>& spares_missing_;
    Logger& logger_;
    Service& service_;

    Descriptor spare_;  // counted as missing when there is none
    Timer resting_;
    bool started_ = false;
    SteadyTime next_complaint_{};  // resting is logged again from here on
};

}  // namespace hub::net
