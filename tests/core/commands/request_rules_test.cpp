#include "commands/request_rules.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <vector>

namespace hub::commands {
namespace {

using namespace std::chrono_literals;
CommandRequest validRequest() {
    CommandRequest request;
    request.targets.ids = {"lamp"};
    request.name = "on";
    return request;
}

TEST(RequestRules, EachRuleIsKept) {
    EXPECT_TRUE(check(validRequest()).ok());
    const std::vector<std::function<void(CommandRequest&)>> breaks{
        [](CommandRequest& request) { request.targets.ids.clear(); },
        [](CommandRequest& request) {
            request.targets = {CommandTargets::By::Type, {}, ""};
        },
        [](CommandRequest& request) {
            request.targets = {CommandTargets::By::Tag, {}, ""};
        },
        [](CommandRequest& request) { request.name = ""; },
        [](CommandRequest& request) { request.name.assign(65, 'a'); },
        [](CommandRequest& request) { request.name = "a\nb"; },
        [](CommandRequest& request) { request.payload.assign(65537, ' '); },
        [](CommandRequest& request) { request.idempotency_key.assign(256, 'k'); },
        [](CommandRequest& request) { request.idempotency_key = "a b"; },
        [](CommandRequest& request) { request.ack_timeout = 0ms; },
        [](CommandRequest& request) { request.ttl = 30 * 24h + 1ms; },
    };
    for (std::size_t i = 0; i < breaks.size(); ++i) {
        CommandRequest request = validRequest();
        breaks[i](request);
        const auto kept = check(request);
        ASSERT_FALSE(kept.ok()) << "rule " << i;
        EXPECT_EQ(kept.error().kind, Error::Kind::Invalid);
    }
}

TEST(RequestRules, EqualRequestsHaveTheSameDigestWhateverTheirKeys) {
    CommandRequest keyed = validRequest();
    keyed.idempotency_key = "key";
    EXPECT_EQ(digestOf(validRequest()), digestOf(keyed));
    // The same in every run: it is stored.
    EXPECT_EQ(digestOf(CommandRequest{}), 0x7B0EB2B4CFA0743DU);
}

TEST(RequestRules, EveryPartOfARequestCounts) {
    const std::vector<std::function<void(CommandRequest&)>> changes{
        [](CommandRequest&) {},
        [](CommandRequest& request) {
            request.targets.ids = {"la", "mp"};
        },
        [](CommandRequest& request) {
            request.targets.ids = {"lam", "p"};
        },
        [](CommandRequest& request) {
            request.targets = {CommandTargets::By::Type, {}, "lamp"};
        },
        [](CommandRequest& request) {
            request.targets = {CommandTargets::By::Tag, {}, "lamp"};
        },
        [](CommandRequest& request) { request.name = "off"; },
        [](CommandRequest& request) { request.payload = R"({"a":1})"; },
        [](CommandRequest& request) { request.ack_timeout = 1s; },
        [](CommandRequest& request) { request.ttl = 1s; },
        [](CommandRequest& request) { request.queue_offline = true; },
    };
    std::set<std::uint64_t> digests;
    for (const auto& change : changes) {
        CommandRequest request = validRequest();
        change(request);
        EXPECT_TRUE(digests.insert(digestOf(request)).second);
    }
}

}  // namespace
}  // namespace hub::commands
