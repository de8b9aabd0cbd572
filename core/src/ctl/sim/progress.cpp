#include "ctl/sim/progress.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace hub::ctl::sim {

namespace {

// Below ten, the tenths matter: `0.5/s`.
std::string formatRate(double per_second) {
    if (per_second >= 9.95) return formatCount(static_cast<std::uint64_t>(per_second + 0.5)) + "/s";
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.1f/s", per_second);
    return text.data();
}

std::string formatAckTimes(const LatencyHistogram& times) {
    return "p50 " + formatDuration(times.percentile(50)) + ", p99 " +
           formatDuration(times.percentile(99)) + ", max " + formatDuration(times.max());
}

void appendRow(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(14 - name.size(), ' ').append(value).append(1, '\n');
}

}  // namespace

Progress ProgressMeter::read(std::size_t devices, Statistics& statistics, SteadyTime now) {
    last_.devices = devices;
    last_.online = statistics.online;
    last_.waiting = statistics.waiting;
    last_.reconnects = statistics.reconnects;
    last_.failure = statistics.online == 0 ? statistics.last_failure : "";
    if (now - begin_ < window_) return last_;

    const double seconds = std::chrono::duration<double>(now - begin_).count();
    last_.sent_per_second = static_cast<double>(statistics.sent - sent_) / seconds;
    const std::uint64_t acknowledged = statistics.acknowledged + statistics.late;
    last_.acknowledged_per_second = static_cast<double>(acknowledged - acknowledged_) / seconds;
    LatencyHistogram& recent = statistics.recent_ack_time;
    last_.ack_time.reset();
    if (recent.count() > 0) last_.ack_time = {recent.percentile(50), recent.percentile(99)};
    recent.clear();

    begin_ = now;
    sent_ = statistics.sent;
    acknowledged_ = acknowledged;
    return last_;
}

std::string formatProgress(const Progress& progress, std::size_t width) {
    const std::string online =
        "online " + formatCount(progress.online) + '/' + formatCount(progress.devices);
    if (!progress.failure.empty()) return (online + "  " + progress.failure).substr(0, width);

    const auto& ack = progress.ack_time;
    const std::array fields{
        online,
        "sent " + formatRate(progress.sent_per_second),
        "acked " + formatRate(progress.acknowledged_per_second),
        "waiting " + formatCount(progress.waiting),
        "ack p50 " + (ack ? formatDuration(ack->p50) : "-") + " p99 " +
            (ack ? formatDuration(ack->p99) : "-"),
        "reconnects " + formatCount(progress.reconnects),
    };
    std::string line;
    for (const std::string& field : fields) {
        const std::string_view gap = line.empty() ? "" : "  ";
        if (line.size() + gap.size() + field.size() > width) break;
        line.append(gap).append(field);
    }
    return line;
}

std::string formatSummary(const Statistics& statistics) {
    std::string sent = formatCount(statistics.sent) + " messages";
    if (statistics.sent_again > 0) {
        sent += ", " + formatCount(statistics.sent_again) + " of them again after a reconnect";
    }
    std::string given_up = formatCount(statistics.given_up);
    if (statistics.late > 0) {
        given_up += ", " + formatCount(statistics.late) + " of them acknowledged late";
    }
    std::string reconnects = formatCount(statistics.reconnects);
    if (statistics.failed_attempts > 0) {
        reconnects += ", " + formatCount(statistics.failed_attempts) +
                      " attempts failed, the last: " + statistics.last_failure;
    }
    std::string errors = formatCount(statistics.errors);
    if (statistics.errors > 0) errors += ", the last: " + statistics.last_error;

    std::string out;
    appendRow(out, "sent", sent);
    appendRow(out, "acknowledged",
              formatCount(statistics.acknowledged) + " of " +
                  formatCount(statistics.acknowledged + statistics.waiting + statistics.given_up) +
                  " that ask for it");
    if (statistics.acknowledged > 0)
        appendRow(out, "ack time", formatAckTimes(statistics.ack_time));
    appendRow(out, "waiting", formatCount(statistics.waiting));
    appendRow(out, "given up", given_up);
    appendRow(out, "errors", errors);
    if (statistics.commands_received > 0) {
        appendRow(out, "commands",
                  formatCount(statistics.commands_answered) + " answered of " +
                      formatCount(statistics.commands_received));
    }
    appendRow(out, "reconnects", reconnects);
    return out;
}

std::string formatCount(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

std::string formatDuration(LatencyHistogram::Duration duration) {
    const auto microseconds = static_cast<double>(duration.count());
    std::array<char, 32> text{};
    if (duration.count() < 1'000) {
        std::snprintf(text.data(), text.size(), "%.0f us", microseconds);
    } else if (duration.count() < 10'000) {
        std::snprintf(text.data(), text.size(), "%.2f ms", microseconds / 1e3);
    } else if (duration.count() < 100'000) {
        std::snprintf(text.data(), text.size(), "%.1f ms", microseconds / 1e3);
    } else if (duration.count() < 1'000'000) {
        std::snprintf(text.data(), text.size(), "%.0f ms", microseconds / 1e3);
    } else {
        std::snprintf(text.data(), text.size(), "%.1f s", microseconds / 1e6);
    }
    return text.data();
}

}  // namespace hub::ctl::sim
