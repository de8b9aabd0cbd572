#include "daemon/status_line.h"

#include <chrono>

namespace hub::daemon {

StatusLine::StatusLine(const Clock& clock, Sequence durable)
    : clock_(clock), counted_(durable), counted_at_(clock.steady()) {}

std::string StatusLine::text(const Readiness& readiness, std::size_t online, Sequence durable) {
    const std::string stored = rate(durable);
    if (readiness.ready()) {
        return std::to_string(online) + (online == 1 ? " device" : " devices") + " online" + stored;
    }
    std::string line;
    for (const std::string& reason : readiness.reasons) {
        line.append(line.empty() ? "not ready: " : "; ").append(reason);
    }
    return line;
}

// Nothing for less than a second, of which it would say nothing.
std::string StatusLine::rate(Sequence durable) {
    const SteadyTime now = clock_.steady();
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now - counted_at_).count();
    if (seconds < 1) {
        return "";
    }
    const auto events = (durable - counted_) * 60 / static_cast<Sequence>(seconds);
    counted_ = durable;
    counted_at_ = now;
    return ", " + std::to_string(events) + " events stored per minute";
}

}  // namespace hub::daemon
