#include "websocket/link_metrics.h"

#include "websocket/link_table.h"

#include <algorithm>
#include <functional>
#include <string>

namespace hub::websocket {
namespace {

Counter& messages(Metrics& metrics, const char* direction) {
    return metrics.counter("hub_websocket_messages_total",
                           "WebSocket messages, without control frames.",
                           {{"direction", direction}});
}

Counter& bytes(Metrics& metrics, const char* direction) {
    return metrics.counter("hub_websocket_bytes_total", "Bytes of WebSocket frames.",
                           {{"direction", direction}});
}

}  // namespace

void LinkCounts::countClosed(CloseCode code) noexcept {
    const auto found =
        std::ranges::find(kCloseLabels, code, [](const auto& one) { return one.first; });
    const auto index =
        std::min<std::ptrdiff_t>(found - kCloseLabels.begin(), kCloseLabels.size() - 1);
    closed[static_cast<std::size_t>(index)].add();
}

LinkMetrics::LinkMetrics(Metrics& metrics, const std::vector<std::unique_ptr<LinkTable>>& tables)
    : tables_(tables),
      links_(metrics.gauge("hub_websocket_links", "Open WebSocket links.")),
      messages_in_{messages(metrics, "in")},
      messages_out_{messages(metrics, "out")},
      bytes_in_{bytes(metrics, "in")},
      bytes_out_{bytes(metrics, "out")},
      messages_dropped_{metrics.counter(
          "hub_websocket_messages_dropped_total",
          "Messages, none of them acknowledged, whose link ended before the event log had room.")} {
    for (const auto& [code, label] : kCloseLabels) {
        closed_.push_back({metrics.counter("hub_websocket_closed_total",
                                           "WebSocket links that ended, by close code.",
                                           {{"code", std::string(label)}})});
    }
    before_read_ = metrics.beforeRead([this] { update(); });
}

void LinkMetrics::update() {
    const auto bring = [this](Known& known, auto&& tally_of) {
        std::uint64_t count = 0;
        for (const auto& table : tables_) {
            count += std::invoke(tally_of, std::as_const(table->counts())).value();
        }
        known.counter.add(count - std::exchange(known.count, count));
    };
    bring(messages_in_, &LinkCounts::messages_in);
    bring(messages_out_, &LinkCounts::messages_out);
    bring(bytes_in_, &LinkCounts::bytes_in);
    bring(bytes_out_, &LinkCounts::bytes_out);
    bring(messages_dropped_, &LinkCounts::messages_dropped);
    for (std::size_t i = 0; i < closed_.size(); ++i) {
        bring(closed_[i],
              [i](const LinkCounts& counts) -> const Tally& { return counts.closed[i]; });
    }
    std::size_t links = 0;
    for (const auto& table : tables_) links += table->size();
    links_.set(static_cast<double>(links));
}

}  // namespace hub::websocket
