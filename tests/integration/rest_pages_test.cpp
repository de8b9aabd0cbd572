// A long list, walked page by page while it grows.
#include "integration/rest_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace hub::integration {
namespace {

TEST_F(Rest, WalkingAHundredThousandRowsWhileNewOnesComeLosesAndRepeatsNone) {
    constexpr int kRows = 100'000;
    const auto lamp = deviceIsOnline("lamp", "light");
    for (int n = 2; n < kRows; ++n) {
        lamp->send(R"({"message_type":"status","payload":{"n":)" + std::to_string(n) + "}}");
    }
    sendState(*lamp, kRows);

    int next = kRows;  // the number of the row that is to come
    int sent = kRows;
    const std::string path = "/api/state-history/lamp?limit=1000";
    std::string cursor;
    do {
        const Reply page = get(port(), path + (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(page.status, 200) << page.body;
        constexpr std::string_view kKey = R"("state_data":{"n":)";
        for (std::size_t at = 0; (at = page.body.find(kKey, at)) != std::string::npos;) {
            at += kKey.size();
            ASSERT_EQ(std::stoi(page.body.substr(at, 8)), next);
            --next;
        }
        cursor = page.body.ends_with(R"("next":null})") ? "" : firstText(page.body, "next");
        for (int i = 0; i < 10; ++i) sendState(*lamp, ++sent);
    } while (!cursor.empty());
    EXPECT_EQ(next, 0);
}

}  // namespace
}  // namespace hub::integration
