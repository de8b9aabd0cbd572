#include "device_chains.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace hub::sqlite_store {
namespace {

constexpr DeviceIndex kLamp{3};
constexpr DeviceIndex kOther{0};

// What a history table keeps of one device: every row with its links.
class StoredChain {
public:
    void add(Sequence sequence, const ChainLinks& links) {
        rows_[sequence] = links;
        head_ = sequence;
    }

    // Finds the newest row below `before` as a reader does, counting the rows it looks at.
    Sequence find(Sequence before, int& looked_at) const {
        Sequence at = head_;
        for (looked_at = 1; at >= before; ++looked_at) {
            const ChainLinks& links = rows_.at(at);
            if (links.jump >= before) {
                at = links.jump;
            } else {
                at = links.prev;
                ++looked_at;  // the jump was looked at in vain
            }
        }
        return at;
    }

    Sequence head() const { return head_; }
    const std::map<Sequence, ChainLinks>& rows() const { return rows_; }

private:
    std::map<Sequence, ChainLinks> rows_;
    Sequence head_ = 0;
};

TEST(DeviceChains, ADeviceWithoutRowsHasNoHead) {
    const DeviceChains chains;
    EXPECT_EQ(chains.head(kLamp), 0U);
    EXPECT_EQ(chains.size(), 0U);
}

TEST(DeviceChains, TheFirstRowLeadsNowhere) {
    DeviceChains chains;
    EXPECT_EQ(chains.append(kLamp, 5), (ChainLinks{0, 0}));
    EXPECT_EQ(chains.head(kLamp), 5U);
}

TEST(DeviceChains, DevicesDoNotMeet) {
    DeviceChains chains;
    chains.append(kLamp, 1);
    EXPECT_EQ(chains.append(kOther, 2), (ChainLinks{0, 0}));
    EXPECT_EQ(chains.append(kLamp, 3).prev, 1U);
    EXPECT_EQ(chains.head(kOther), 2U);
}

// Rows 1 to 8 make trees of 1; 1 1; 3; 3 1; 3 1 1; 3 3; 7; 7 1.
TEST(DeviceChains, JumpsAreThoseOfASkewBinaryList) {
    DeviceChains chains;
    const Sequence jumps[] = {0, 0, 0, 0, 0, 3, 0, 0, 0, 7};
    for (Sequence row = 1; row <= 10; ++row) {
        EXPECT_EQ(chains.append(kLamp, row), (ChainLinks{row - 1, jumps[row - 1]})) << row;
    }
}

TEST(DeviceChains, EveryOlderRowIsAFewStepsAway) {
    constexpr Sequence kRows = 100'000;
    DeviceChains chains;
    StoredChain stored;
    for (Sequence row = 1; row <= kRows; ++row) {
        stored.add(row * 3, chains.append(kLamp, row * 3));
    }
    const int most = static_cast<int>(4 * std::log2(kRows));
    for (Sequence row = 2; row <= kRows; row += 97) {
        int looked_at = 0;
        EXPECT_EQ(stored.find(row * 3, looked_at), (row - 1) * 3);
        EXPECT_LE(looked_at, most) << "to row " << row;
    }
}

TEST(DeviceChains, AResumedChainStaysShort) {
    constexpr Sequence kRows = 20'000;
    StoredChain stored;
    for (Sequence first = 1; first <= 5 * kRows; first += kRows) {
        DeviceChains chains;
        chains.resume(kLamp, stored.head());
        EXPECT_EQ(chains.head(kLamp), stored.head());
        for (Sequence row = first; row < first + kRows; ++row) {
            stored.add(row, chains.append(kLamp, row));
        }
    }
    for (Sequence row = 2; row <= 5 * kRows; row += 97) {
        int looked_at = 0;
        EXPECT_EQ(stored.find(row, looked_at), row - 1);
        EXPECT_LE(looked_at, 5 * 4 * 15) << "to row " << row;
    }
}

TEST(DeviceChains, ResumingWithoutAHeadIsNoRow) {
    DeviceChains chains;
    chains.resume(kLamp, 0);
    EXPECT_EQ(chains.append(kLamp, 1), (ChainLinks{0, 0}));
}

TEST(DeviceChains, ARollbackLeavesNoTrace) {
    std::mt19937 random(7);
    DeviceChains disturbed;
    DeviceChains undisturbed;
    Sequence sequence = 0;
    for (int transaction = 0; transaction < 2000; ++transaction) {
        const auto rows = 1 + random() % 20;
        for (Sequence lost = 0; lost < random() % 30; ++lost) {
            disturbed.append(static_cast<DeviceIndex>(random() % 5), sequence + 1 + lost);
        }
        disturbed.rollback();
        for (Sequence row = 0; row < rows; ++row) {
            const auto device = static_cast<DeviceIndex>(random() % 4);
            ++sequence;
            ASSERT_EQ(disturbed.append(device, sequence), undisturbed.append(device, sequence));
        }
        disturbed.commit();
        disturbed.rollback();  // nothing is left to take back
        ASSERT_EQ(disturbed.head(kLamp), undisturbed.head(kLamp));
    }
    EXPECT_EQ(disturbed.head(DeviceIndex{4}), 0U);
}

}  // namespace
}  // namespace hub::sqlite_store
