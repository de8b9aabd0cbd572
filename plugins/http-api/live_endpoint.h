#pragma once

#include "feed_query.h"
#include "hub/event_feed.h"
#include "hub/metrics.h"
#include "hub/time.h"
#include "hub/websocket.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace hub::http_api {

// The live events as messages of WebSocket links. Two threads, which are somebody else's, serve
// them: they read for each link what its queue has room for. Who is still in the history has one of
// them, so that a slow database holds up nobody who is at the present.
class LiveEndpoint final : public WebSocketEndpoint {
public:
    // Where a link is. It goes from the first to the second once.
    enum class Stage : std::uint8_t { CatchingUp, Live };

    // How soon a link is looked at again whose queue was full; one whose queue stays full for
    // `kPatience` is closed.
    static constexpr std::chrono::milliseconds kQueueRetry{20};
    static constexpr std::chrono::seconds kPatience{30};
    // How long a link waits whose history could not be read.
    static constexpr std::chrono::seconds kHistoryRetry{1};
    // A client that is silent for so long, pings unanswered, is gone.
    static constexpr std::chrono::seconds kIdleTimeout{45};
    // Events given to one link before the next has its turn.
    static constexpr std::size_t kEventsAtATime = 256;

    [[nodiscard]] static WebSocketLimits limits() noexcept;

    // `readers` shows how many links there are; `wake` is called from any thread when `serve` has
    // something to do for links in that stage. All must outlive it.
    LiveEndpoint(WebSocketEndpoints& links, EventFeed& events, Gauge& readers,
                 std::function<void(Stage)> wake);
    ~LiveEndpoint() override;
    LiveEndpoint(const LiveEndpoint&) = delete;
    LiveEndpoint& operator=(const LiveEndpoint&) = delete;

    [[nodiscard]] std::optional<HttpResponse> refuse(const HttpRequest& request) override;
    [[nodiscard]] std::unique_ptr<WebSocketSession> open(WebSocketLink& link,
                                                         const HttpRequest& request) override;

    // Sends what there is to send to links in `stage`. Returns when it is to be called next, unless
    // `wake` comes before. One thread for each stage.
    [[nodiscard]] SteadyTime serve(Stage stage, SteadyTime now);

private:
    class Session;
    struct Reader;
    struct Queue {
        std::set<LinkId> ready;
        std::multimap<SteadyTime, LinkId> later;
    };
    enum class Next : std::uint8_t { Ready, Waiting, QueueFull, Unreadable, Gone };

    void ready(LinkId link);
    void remove(LinkId link);
    [[nodiscard]] std::vector<std::shared_ptr<Reader>> takeDue(Stage stage, SteadyTime now);
    [[nodiscard]] Next advance(Reader& reader);
    static void lag(Reader& reader);
    [[nodiscard]] Delivery sendPending(Reader& reader);
    [[nodiscard]] static Next after(Delivery delivery, Next accepted) noexcept;
    void plan(Stage stage, Reader& reader, Next next, SteadyTime now);
    void goLive(Reader& reader);
    [[nodiscard]] Queue& queueOf(Stage stage) noexcept;

    // Constant after construction.
    WebSocketEndpoints& links_;
    EventFeed& events_;
    Gauge& readers_gauge_;
    const std::function<void(Stage)> wake_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::map<LinkId, std::shared_ptr<Reader>> readers_;
    std::array<Queue, 2> queues_;  // by stage
};

}  // namespace hub::http_api
