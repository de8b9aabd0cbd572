#include "commands/command_metrics.h"

#include <cstdint>
#include <string>

namespace hub::commands {

namespace {

constexpr std::array<double, 15> kAckSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                             0.5,   1,      2.5,   5,    10,    30,   60};
constexpr std::array<double, 14> kSendSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                              0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};

std::array<Counter*, kTargetStatuses> outcomeCounters(Metrics& metrics) {
    std::array<Counter*, kTargetStatuses> counters{};
    for (std::size_t i = 0; i < counters.size(); ++i) {
        const auto status = static_cast<TargetStatus>(i);
        if (isOpen(status)) continue;
        counters[i] = &metrics.counter("hub_commands_total",
                                       "How commands ended, one for each of their devices.",
                                       {{"outcome", std::string(toString(status))}});
    }
    return counters;
}

double inSeconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

}  // namespace

CommandMetrics::CommandMetrics(Metrics& metrics)
    : outcomes_(outcomeCounters(metrics)),
      ack_seconds_(metrics.histogram("hub_command_ack_seconds",
                                     "From sending a command to a device to its acknowledgement.",
                                     {kAckSeconds.begin(), kAckSeconds.end()})),
      send_seconds_(metrics.histogram(
          "hub_command_send_seconds",
          "From submitting a command to giving it to the link of a device that is online.",
          {kSendSeconds.begin(), kSendSeconds.end()})),
      dropped_acks_(metrics.counter(
          "hub_command_acks_dropped_total",
          "Acknowledgements that came faster than their commands could be found: they changed "
          "nothing, and are kept as events of their devices only.")),
      before_metrics_read_(metrics.beforeRead(
          [this, &gauge = metrics.gauge("hub_command_targets_open",
                                        "Devices of commands whose outcome is open.")] {
              gauge.set(static_cast<double>(open_.load(std::memory_order_relaxed)));
          })) {}

void CommandMetrics::count(const Changes& changes) noexcept {
    std::array<std::uint32_t, kTargetStatuses> ended{};
    for (const Change& change : changes) {
        const TargetStatus status = change.told.target;
        if (change.kind != EventKind::CommandTarget || change.told.late || isOpen(status)) continue;
        ++ended[static_cast<std::size_t>(status)];
        if (status == TargetStatus::AckSuccess || status == TargetStatus::AckError) {
            ack_seconds_.observe(inSeconds(change.took));
        }
    }
    for (std::size_t i = 0; i < ended.size(); ++i) {
        if (ended[i] > 0) outcomes_[i]->add(ended[i]);
    }
}

void CommandMetrics::sent(std::chrono::nanoseconds took) noexcept {
    send_seconds_.observe(inSeconds(took));
}

}  // namespace hub::commands
