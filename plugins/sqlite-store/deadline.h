#pragma once

#include "hub/time.h"

#include <chrono>
#include <functional>

namespace hub::sqlite_store {

// Tells the monotonic time.
using Now = std::function<SteadyTime()>;

// Until when a read may go on, once it has got on. Asked at each row, which costs some 30 ns.
class Deadline {
public:
    // With the second that a read may wait for a reader, clearly less than `stop` of a plugin is
    // given, which waits for reads in progress.
    static constexpr std::chrono::milliseconds kPatience{500};

    // `now` must outlive it.
    explicit Deadline(const Now& now) : now_(now), at_(now() + kPatience) {}

    [[nodiscard]] bool passed() const { return now_() >= at_; }

private:
    const Now& now_;
    const SteadyTime at_;
};

}  // namespace hub::sqlite_store
