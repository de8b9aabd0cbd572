#include "device_chains.h"

namespace hub::sqlite_store {

namespace {

// Of a chain resumed at a row whose trees are not known: never merged with another.
constexpr std::uint8_t kResumedRank = 255;

}  // namespace

void DeviceChains::resume(DeviceIndex device, Sequence head) {
    if (head != 0) {
        chainOf(static_cast<std::size_t>(device)) = {Tree{head, kResumedRank}};
    }
}

void DeviceChains::forget(DeviceIndex device) noexcept {
    const std::size_t index = static_cast<std::size_t>(device);
    if (index < chains_.size()) Chain().swap(chains_[index]);
}

ChainLinks DeviceChains::append(DeviceIndex device, Sequence sequence) {
    const std::size_t index = static_cast<std::size_t>(device);
    Chain& chain = chainOf(index);
    ChainLinks links{chain.empty() ? 0 : chain.back().root, 0};

    const std::size_t trees = chain.size();
    chain.reserve(trees + 1);  // so that no append can fail that `undo_` has taken note of
    if (trees < 2 || chain[trees - 1].rank != chain[trees - 2].rank) {
        undo_.push_back({index, 0, 0});
        chain.push_back({sequence, 1});
        return links;
    }
    undo_.push_back({index, chain[trees - 1].root, chain[trees - 2].root});
    chain.pop_back();
    chain.back() = {sequence, static_cast<std::uint8_t>(chain.back().rank + 1)};
    if (trees > 2) {
        links.jump = chain[trees - 3].root;
    }
    return links;
}

Sequence DeviceChains::head(DeviceIndex device) const noexcept {
    const std::size_t index = static_cast<std::size_t>(device);
    return index < chains_.size() && !chains_[index].empty() ? chains_[index].back().root : 0;
}

void DeviceChains::rollback() noexcept {
    for (; !undo_.empty(); undo_.pop_back()) {
        const Appended& appended = undo_.back();
        Chain& chain = chains_[appended.device];
        if (appended.older_root == 0) {
            chain.pop_back();
            continue;
        }
        const auto rank = static_cast<std::uint8_t>(chain.back().rank - 1);
        chain.back() = {appended.older_root, rank};
        chain.push_back({appended.newer_root, rank});
    }
}

DeviceChains::Chain& DeviceChains::chainOf(std::size_t device) {
    if (device >= chains_.size()) {
        chains_.resize(device + 1);
    }
    return chains_[device];
}

}  // namespace hub::sqlite_store
