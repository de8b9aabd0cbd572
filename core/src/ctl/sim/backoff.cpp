#include "ctl/sim/backoff.h"

#include <algorithm>

namespace hub::ctl::sim {

std::chrono::milliseconds Backoff::next() {
    std::uniform_int_distribution<std::chrono::milliseconds::rep> wait(ceiling_.count() / 2,
                                                                       ceiling_.count());
    const std::chrono::milliseconds chosen(wait(random_));
    ceiling_ = std::min(ceiling_ * 2, kLastCeiling);
    return chosen;
}

}  // namespace hub::ctl::sim
