#include "router/batch.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace hub::router {
namespace {

static_assert(!std::is_copy_constructible_v<Batch>);
static_assert(std::is_nothrow_move_constructible_v<Batch>);

TEST(BatchBuilder, CopiesWhatAnEventViews) {
    BatchBuilder builder;
    {
        std::string id = "lamp-1";
        std::string payload = R"({"on":true})";
        std::string name = "status";
        ASSERT_TRUE(builder.add({.device_id = id, .name = name, .payload = payload}));
        id.assign(id.size(), 'x');
        payload.assign(payload.size(), 'x');
        name.assign(name.size(), 'x');
    }

    const Batch batch = builder.take();

    ASSERT_EQ(batch.events().size(), 1U);
    EXPECT_EQ(batch.events()[0].name, "status");
    EXPECT_EQ(batch.events()[0].payload, R"({"on":true})");
    EXPECT_EQ(batch.events()[0].device_id, "lamp-1");
}

TEST(BatchBuilder, IsEmptyAfterTake) {
    BatchBuilder builder;
    ASSERT_TRUE(builder.add({.payload = "first"}));
    const Batch first = builder.take();
    ASSERT_TRUE(builder.add({.payload = "second"}));
    const Batch second = builder.take();

    EXPECT_EQ(first.events()[0].payload, "first");
    ASSERT_EQ(second.events().size(), 1U);
    EXPECT_EQ(second.events()[0].payload, "second");
}

TEST(BatchBuilder, RefusesMoreBytesThanItsBound) {
    BatchBuilder builder;
    const std::string half(BatchBuilder::kBytes / 2 + 1, 'x');
    EXPECT_TRUE(builder.add({.payload = half}));
    EXPECT_FALSE(builder.add({.payload = half}));
    EXPECT_EQ(builder.size(), 1U);
}

TEST(BatchBuilder, RefusesMoreEventsThanItsBound) {
    BatchBuilder builder;
    for (std::size_t i = 0; i < BatchBuilder::kEvents; ++i) ASSERT_TRUE(builder.add({}));
    EXPECT_FALSE(builder.add({}));
}

TEST(BatchBuilder, TakesOneEventOfAnySizeWhenEmpty) {
    BatchBuilder builder;
    const std::string huge(BatchBuilder::kBytes * 3, 'x');
    ASSERT_TRUE(builder.add({.payload = huge}));
    EXPECT_FALSE(builder.add({.payload = "y"}));
    EXPECT_EQ(builder.take().events()[0].payload, huge);
}

TEST(Batch, SaysWhatItCosts) {
    BatchBuilder builder;
    ASSERT_TRUE(builder.add({.name = "status", .payload = "{}"}));
    EXPECT_EQ(builder.take().bytes(), sizeof(Event) + 8);
}

}  // namespace
}  // namespace hub::router
