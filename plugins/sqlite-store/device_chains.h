#pragma once

#include "hub/device.h"
#include "hub/event.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hub::sqlite_store {

// Where a row of a history table leads to: older rows of the same device in the same table.
struct ChainLinks {
    Sequence prev = 0;  // the one before, 0: none
    Sequence jump = 0;  // one further back, 0: none that helps

    bool operator==(const ChainLinks&) const = default;
};

// Every device's chain through one history table, kept so far as the next row needs it. `prev`
// makes a linked list from the newest row to the oldest; `jump` turns it into a skew-binary list
// (Myers, "An applicative random-access stack", 1983), in which any older row is some 2 log2(n)
// steps away.
//
// Jumps are only shortcuts: a chain that was resumed begins a new list whose last jump is the old
// head, and any reader that follows `prev` where `jump` does not help finds the same rows.
//
// Belongs to the thread that appends.
class DeviceChains {
public:
    // Continues the chain of `device` behind `head`, its newest stored row; 0: it has none.
    void resume(DeviceIndex device, Sequence head);

    // Ends the chain of `device`. Not between an append and the commit or rollback of it.
    void forget(DeviceIndex device) noexcept;

    // Makes `sequence` the newest row of `device`, until `rollback`; returns what it leads to.
    ChainLinks append(DeviceIndex device, Sequence sequence);

    // The newest row of `device`, 0 when it has none.
    [[nodiscard]] Sequence head(DeviceIndex device) const noexcept;

    // One above the largest device number that ever had a chain.
    [[nodiscard]] std::size_t size() const noexcept { return newest_.size(); }

    // Keeps what was appended since the last call of either, or takes it back.
    void commit() noexcept { undo_.clear(); }
    void rollback() noexcept;

private:
    using TreeIndex = std::uint32_t;  // into trees_; 0: none

    // A complete tree of 2^rank - 1 rows, the newest of which is the root.
    struct Tree {
        Sequence root = 0;
        TreeIndex older = 0;  // the next one of its chain, or of the free ones
        std::uint8_t rank = 0;
    };

    // An append, and the roots of the two trees it made into one (0: none).
    struct Appended {
        std::size_t device = 0;
        Sequence newer_root = 0;
        Sequence older_root = 0;
    };

    void makeRoom(std::size_t device);
    void push(std::size_t device, Sequence root, std::uint8_t rank) noexcept;
    void pop(std::size_t device) noexcept;

    // All chains share one array: a fleet has many short ones, for which a block of memory each
    // would cost more than what is in it. From newest to oldest the ranks of a chain grow, only the
    // first two may be equal; the first root is the head.
    std::vector<Tree> trees_{1};     // the first one stands for none
    std::vector<TreeIndex> newest_;  // by device number
    TreeIndex free_ = 0;             // the first of those that belong to no chain
    std::vector<Appended> undo_;
};

}  // namespace hub::sqlite_store
