#include "daemon/service_report.h"

#include <algorithm>
#include <utility>

namespace hub::daemon {

ServiceReport::ServiceReport(ServiceManager& manager, const Clock& clock,
                             std::function<std::string()> status, std::function<bool()> alive)
    : manager_(manager),
      clock_(clock),
      status_(std::move(status)),
      alive_(std::move(alive)),
      next_status_(clock.steady()),
      next_sign_(clock.steady()) {}

std::chrono::milliseconds ServiceReport::tell() {
    constexpr std::chrono::hours kNever{1};
    constexpr std::chrono::milliseconds kShortest{10};  // whatever the watchdog asks for
    if (!manager_.listens()) {
        return kNever;
    }
    if (clock_.steady() >= next_status_) {
        next_status_ = clock_.steady() + kStatusEvery;
        tellStatus();
    }
    if (!manager_.watchdog()) {
        return std::chrono::ceil<std::chrono::milliseconds>(next_status_ - clock_.steady());
    }
    if (clock_.steady() >= next_sign_) {
        next_sign_ = clock_.steady() + *manager_.watchdog() / 2;
        if (alive_()) {
            manager_.alive();
        }
    }
    return std::max(kShortest, std::chrono::ceil<std::chrono::milliseconds>(
                                   std::min(next_status_, next_sign_) - clock_.steady()));
}

void ServiceReport::tellStatus() {
    std::string status = status_();
    if (!ready_) {
        manager_.ready(status);
        ready_ = true;
    } else if (status != told_) {
        manager_.status(status);
    }
    told_ = std::move(status);
}

}  // namespace hub::daemon
