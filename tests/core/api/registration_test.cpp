#include "hub/registration.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace hub {
namespace {

static_assert(!std::is_copy_constructible_v<Registration>);
static_assert(!std::is_copy_assignable_v<Registration>);
static_assert(std::is_nothrow_move_constructible_v<Registration>);
static_assert(std::is_nothrow_move_assignable_v<Registration>);

class RegistrationTest : public testing::Test {
protected:
    Registration attach(int& detached) {
        return Registration{[&detached] { ++detached; }};
    }

    int first_ = 0;
    int second_ = 0;
};

TEST_F(RegistrationTest, DetachesOnceAtTheEnd) {
    {
        const Registration registration = attach(first_);
        EXPECT_EQ(first_, 0);
    }
    EXPECT_EQ(first_, 1);
}

TEST_F(RegistrationTest, AnEmptyOneDetachesNothing) { const Registration registration; }

TEST_F(RegistrationTest, MovingHandsTheDutyOver) {
    {
        Registration from = attach(first_);
        const Registration to{std::move(from)};
        EXPECT_EQ(first_, 0);
    }
    EXPECT_EQ(first_, 1);
}

TEST_F(RegistrationTest, AssigningDetachesWhatWasHeld) {
    Registration registration = attach(first_);
    registration = attach(second_);
    EXPECT_EQ(first_, 1);
    EXPECT_EQ(second_, 0);
    registration = {};
    EXPECT_EQ(second_, 1);
}

TEST_F(RegistrationTest, AssigningItselfChangesNothing) {
    Registration registration = attach(first_);
    Registration& same = registration;
    registration = std::move(same);
    EXPECT_EQ(first_, 0);
}

}  // namespace
}  // namespace hub
