#include "ctl/interruption.h"

#include "net/descriptor.h"

#include <gtest/gtest.h>

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <optional>

namespace hub::ctl {
namespace {

// Both ends of a pipe.
struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        out = net::Descriptor(ends[0]);
        in = net::Descriptor(ends[1]);
    }
    net::Descriptor out;
    net::Descriptor in;
};

SteadyTime never() { return std::chrono::steady_clock::now() + std::chrono::hours(1); }

std::optional<Interrupted::By> interruptedBy(const Interruption& interruption, int descriptor) {
    try {
        EXPECT_TRUE(interruption.awaitReadable(descriptor, never()));
    } catch (const Interrupted& interrupted) {
        return interrupted.by();
    }
    return std::nullopt;
}

TEST(Interruption, LetsThroughWhatCanBeRead) {
    const Interruption interruption;
    const Pipe pipe;
    EXPECT_FALSE(interruption.awaitReadable(pipe.out.value(), SteadyTime()));
    ASSERT_EQ(::write(pipe.in.value(), "x", 1), 1);
    EXPECT_TRUE(interruption.awaitReadable(pipe.out.value(), SteadyTime()));
    EXPECT_TRUE(interruption.awaitReadable(pipe.out.value(), never()));
}

TEST(Interruption, ASignalEndsTheWaitAndNothingElse) {
    const Pipe pipe;
    for (const int signal : {SIGINT, SIGTERM}) {
        const Interruption interruption;
        ::pthread_kill(::pthread_self(), signal);
        EXPECT_EQ(interruptedBy(interruption, pipe.out.value()), Interrupted::By::Signal);
        EXPECT_THROW(interruption.sleepUntil(never()), Interrupted);
    }
}

TEST(Interruption, AnOutputThatNobodyReadsEndsTheWait) {
    const Interruption interruption;
    const Pipe pipe;
    const net::Descriptor standard_output(::dup(STDOUT_FILENO));
    {
        const Pipe unread;
        ASSERT_GE(::dup2(unread.in.value(), STDOUT_FILENO), 0);
    }
    EXPECT_EQ(interruptedBy(interruption, pipe.out.value()), Interrupted::By::Reader);
    ASSERT_GE(::dup2(standard_output.value(), STDOUT_FILENO), 0);
}

}  // namespace
}  // namespace hub::ctl
