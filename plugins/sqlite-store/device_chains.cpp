#include "device_chains.h"

#include <utility>

namespace hub::sqlite_store {

namespace {

// Of a chain resumed at a row whose trees are not known: never merged with another.
constexpr std::uint8_t kResumedRank = 255;

}  // namespace

void DeviceChains::resume(DeviceIndex device, Sequence head) {
    if (head == 0) return;
    forget(device);
    makeRoom(static_cast<std::size_t>(device));
    push(static_cast<std::size_t>(device), head, kResumedRank);
}

void DeviceChains::forget(DeviceIndex device) noexcept {
    const std::size_t index = static_cast<std::size_t>(device);
    if (index >= newest_.size()) return;
    while (newest_[index] != 0) pop(index);
}

ChainLinks DeviceChains::append(DeviceIndex device, Sequence sequence) {
    const std::size_t index = static_cast<std::size_t>(device);
    makeRoom(index);
    const Tree newer = trees_[newest_[index]];
    const Tree older = trees_[newer.older];
    ChainLinks links{newer.root, 0};
    if (newer.older == 0 || newer.rank != older.rank) {
        undo_.push_back({index, 0, 0});
        push(index, sequence, 1);
        return links;
    }
    undo_.push_back({index, newer.root, older.root});
    pop(index);
    pop(index);
    push(index, sequence, static_cast<std::uint8_t>(older.rank + 1));
    links.jump = trees_[older.older].root;
    return links;
}

Sequence DeviceChains::head(DeviceIndex device) const noexcept {
    const std::size_t index = static_cast<std::size_t>(device);
    return index < newest_.size() ? trees_[newest_[index]].root : 0;
}

void DeviceChains::rollback() noexcept {
    for (; !undo_.empty(); undo_.pop_back()) {
        const Appended& appended = undo_.back();
        const auto rank = static_cast<std::uint8_t>(trees_[newest_[appended.device]].rank - 1);
        pop(appended.device);
        if (appended.older_root != 0) {
            push(appended.device, appended.older_root, rank);
            push(appended.device, appended.newer_root, rank);
        }
    }
}

// Afterwards the chain of `device` can be made longer by one tree, and nothing can fail on the way
// back: what is taken back has had its place before, and that is free by then.
void DeviceChains::makeRoom(std::size_t device) {
    if (device >= newest_.size()) newest_.resize(device + 1);
    if (free_ == 0) {
        trees_.emplace_back();
        free_ = static_cast<TreeIndex>(trees_.size() - 1);
    }
}

void DeviceChains::push(std::size_t device, Sequence root, std::uint8_t rank) noexcept {
    const TreeIndex tree = std::exchange(free_, trees_[free_].older);
    trees_[tree] = {root, newest_[device], rank};
    newest_[device] = tree;
}

void DeviceChains::pop(std::size_t device) noexcept {
    const TreeIndex tree = std::exchange(newest_[device], trees_[newest_[device]].older);
    trees_[tree].older = std::exchange(free_, tree);
}

}  // namespace hub::sqlite_store
