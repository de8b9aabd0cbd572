#include "websocket/mount.h"

#include "net/connection.h"
#include "websocket/handshake.h"
#include "websocket/link.h"

#include <utility>

namespace hub::websocket {
namespace {

HttpResponse tooManyUnregistered() {
    auto response =
        HttpResponse::problem(429, "Too many links from this address have not registered yet.");
    response.headers.emplace_back("Retry-After", "10");
    return response;
}

}  // namespace

Mount::Mount(std::string_view pattern, WebSocketEndpoint& endpoint, const WebSocketLimits& limits,
             const std::vector<std::unique_ptr<LinkTable>>& tables, net::Refusals& refusals,
             Logger& logger)
    : pattern_(pattern),
      endpoint_(endpoint),
      limits_(limits),
      tables_(tables),
      refusals_(refusals),
      logger_(logger) {}

std::variant<http::Upgrade, HttpResponse> Mount::upgrade(const HttpRequest& request,
                                                         net::Connection& connection) {
    auto answer = answerHandshake(request);
    if (auto* const refusal = std::get_if<HttpResponse>(&answer)) return std::move(*refusal);
    if (auto refusal = endpoint_.refuse(request)) return std::move(*refusal);
    if (!connection.admission().beginUnregistered()) {
        refusals_.add(net::Refusals::Reason::AddressUnregistered, connection.remoteAddress(),
                      connection.loop().now());
        return tooManyUnregistered();
    }
    auto link = std::make_unique<Link>(connection, *tables_[connection.loop().index()], *this);
    std::string& head = std::get<std::string>(answer);
    link->open(endpoint_, request, head);
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
