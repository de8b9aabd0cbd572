#pragma once

#include "hub/command.h"
#include "hub/device.h"
#include "hub/time.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace hub::commands {

// When a device of a command is due.
struct Deadline {
    SteadyTime at{};
    CommandNumber number{};
    DeviceIndex device{};
};

// The deadlines of a ledger, the earliest first. None is ever taken back: one that stands no more
// is `stale`, which the caller tells, and found so when its turn comes, or swept out once stale
// ones are the most of it. One thread.
class Deadlines {
public:
    // Fewer stale ones are not worth sweeping out.
    static constexpr std::size_t kStale = 1024;

    // `live`: how many may stand, this one included.
    template <class Stale>
    void add(const Deadline& deadline, std::size_t live, const Stale& stale) {
        if (heap_.size() >= 2 * live + kStale) {
            std::erase_if(heap_, stale);
            std::ranges::make_heap(heap_, std::ranges::greater{}, &Deadline::at);
        }
        heap_.push_back(deadline);
        std::ranges::push_heap(heap_, std::ranges::greater{}, &Deadline::at);
    }

    // The earliest that stands; null when there is none. Valid until the next call.
    template <class Stale>
    [[nodiscard]] const Deadline* first(const Stale& stale) {
        while (!heap_.empty() && stale(heap_.front())) {
            std::ranges::pop_heap(heap_, std::ranges::greater{}, &Deadline::at);
            heap_.pop_back();
        }
        return heap_.empty() ? nullptr : &heap_.front();
    }

private:
    std::vector<Deadline> heap_;
};

}  // namespace hub::commands
