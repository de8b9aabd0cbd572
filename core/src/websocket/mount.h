#pragma once

#include "http/upgrade.h"
#include "hub/logger.h"
#include "hub/websocket.h"
#include "net/refusals.h"
#include "websocket/link_table.h"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hub::websocket {

// One endpoint on its path: answers the upgrades there, and counts the sessions that live.
class Mount final : public http::UpgradeHandler {
public:
    // All references must outlive it. `tables` has one for each loop, by its index.
    Mount(std::string_view pattern, WebSocketEndpoint& endpoint, const WebSocketLimits& limits,
          const std::vector<std::unique_ptr<LinkTable>>& tables, net::Refusals& refusals,
          Logger& logger);

    [[nodiscard]] const WebSocketLimits& limits() const noexcept { return limits_; }

    // On the connection's thread; several at a time.
    std::variant<http::Upgrade, HttpResponse> upgrade(const HttpRequest& request,
                                                      net::Connection& connection) override;

    // Ends all sessions, each on its own thread, and returns when they are gone. No upgrade may
    // come any more. Not on a loop's thread.
    void shutDown();

    // Called by links. After the last `sessionGone` it may be destroyed.
    void sessionOpened();
    void sessionGone();
    void logException(std::string_view what) noexcept;

private:
    // Constant after construction.
    const std::string pattern_;
    WebSocketEndpoint& endpoint_;
    const WebSocketLimits limits_;
    const std::vector<std::unique_ptr<LinkTable>>& tables_;
    net::Refusals& refusals_;
    Logger& logger_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t sessions_ = 0;
    std::size_t shutting_down_ = 0;  // loops that still have to do so
};

}  // namespace hub::websocket
