#include "net/descriptor_limit.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace hub::net {
namespace {

TEST(ConnectionsWithin, LeaveDescriptorsToFilesAndLinksLeaveSomeToRequests) {
    const TotalLimits usual = connectionsWithin(20'000, 6);
    EXPECT_EQ(usual.connections, 20'000U - 64 - 4 * 6);
    EXPECT_EQ(usual.links, usual.connections - 64);
}

TEST(ConnectionsWithin, ShareWhatLittleThereIs) {
    const TotalLimits few = connectionsWithin(100, 6);
    EXPECT_EQ(few.connections, 50U);
    EXPECT_EQ(few.links, 38U);
    for (std::size_t descriptors = 8; descriptors < 2'000; ++descriptors) {
        const TotalLimits limits = connectionsWithin(descriptors, 512);
        EXPECT_GT(limits.links, 0U) << "0 is no limit";
        EXPECT_LT(limits.links, limits.connections);
        EXPECT_LT(limits.connections, descriptors);
    }
}

}  // namespace
}  // namespace hub::net
