#include "websocket/mount.h"

#include "http/standard_responses.h"
#include "net/connection.h"
#include "websocket/handshake.h"
#include "websocket/link.h"

#include <algorithm>
#include <utility>

namespace hub::websocket {
namespace {

// A link counts its bytes and fragments in 32 bits.
WebSocketLimits countable(WebSocketLimits limits) {
    constexpr std::size_t kMost = 1U << 31;
    limits.message_bytes = std::min(limits.message_bytes, kMost);
    limits.queue_bytes = std::min(limits.queue_bytes, kMost);
    limits.fragments = std::min(limits.fragments, kMost);
    return limits;
}

// A connection's place among the links, given back unless one has come of it.
class PlaceAmongLinks {
public:
    explicit PlaceAmongLinks(net::ConnectionLimiter::Admission& admission) noexcept
        : admission_(&admission) {}
    ~PlaceAmongLinks() {
        if (admission_ != nullptr) admission_->leaveLinks();
    }
    PlaceAmongLinks(const PlaceAmongLinks&) = delete;
    PlaceAmongLinks& operator=(const PlaceAmongLinks&) = delete;

    void keep() noexcept { admission_ = nullptr; }

private:
    net::ConnectionLimiter::Admission* admission_;
};

}  // namespace

Mount::Mount(std::string_view pattern, WebSocketEndpoint& endpoint, const WebSocketLimits& limits,
             const std::vector<std::unique_ptr<LinkTable>>& tables, net::Refusals& refusals,
             Logger& logger)
    : pattern_(pattern),
      endpoint_(endpoint),
      limits_(countable(limits)),
      tables_(tables),
      refusals_(refusals),
      logger_(logger) {}

std::variant<http::Upgrade, HttpResponse> Mount::upgrade(const HttpRequest& request,
                                                         net::Connection& connection) {
    auto answer = answerHandshake(request);
    if (auto* const refusal = std::get_if<HttpResponse>(&answer)) return std::move(*refusal);
    if (auto refusal = endpoint_.refuse(request)) return std::move(*refusal);
    if (const auto limit = connection.admission().becomeLink()) {
        const auto reason = net::Refusals::reasonOf(*limit);
        refusals_.add(reason, connection.remoteAddress(), connection.loop().now());
        return http::turnedAway(reason);
    }
    PlaceAmongLinks place(connection.admission());
    auto link = std::make_unique<Link>(connection, *tables_[connection.loop().index()], *this);
    std::string& head = std::get<std::string>(answer);
    link->open(endpoint_, request, head);
    place.keep();
    return http::Upgrade{std::move(head), std::move(link)};
}

void Mount::shutDown() {
    std::unique_lock lock(mutex_);
    if (sessions_ == 0) return;
    shutting_down_ = tables_.size();
    lock.unlock();
    for (const auto& table : tables_) {
        const auto done = [this] {
            const std::lock_guard guard(mutex_);
            --shutting_down_;
            changed_.notify_all();
        };
        // A loop that has ended has no links.
        if (!table->loop().post([this, &table, done] {
                table->shutDown(*this);
                done();
            })) {
            done();
        }
    }
    lock.lock();
    changed_.wait(lock, [this] { return sessions_ == 0 && shutting_down_ == 0; });
}

void Mount::sessionOpened() {
    const std::lock_guard lock(mutex_);
    ++sessions_;
}

void Mount::sessionGone() {
    const std::lock_guard lock(mutex_);
    --sessions_;
    changed_.notify_all();
}

void Mount::logException(std::string_view what) noexcept {
    std::string line = "a session on ";
    line += pattern_;
    line += " threw, its link is closed with 1011: ";
    line += what;
    logger_.error(line);
}

}  // namespace hub::websocket
