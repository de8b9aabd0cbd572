#include "daemon/key_help.h"

#include <gtest/gtest.h>

#include <array>

namespace hub::daemon {
namespace {

TEST(KeyHelp, TellsDefaultMeaningAndForm) {
    constexpr std::array kOptions = {
        Option{"ws.name", Option::Type::Text, "", "A name."},
        Option{"ws.on", Option::Type::Flag, "true", "A switch."},
        Option{"ws.port", Option::Type::Number, "80", "A port.", 1, 99},
        Option{"ws.timeout", Option::Type::Duration, "1.5", "A time."},
        Option{"ws.patience", Option::Type::Duration, "90s", "Another.", 90, 7'200},
        Option{"ws.limit", Option::Type::Bytes, "64k", "A size.", 0, 3 * 1024 * 1024},
    };
    EXPECT_EQ(
        keyHelp("ws-transport", kOptions),
        "\nKeys of ws-transport\n"
        "  ws.name = \n      A name. (text)\n"
        "  ws.on = true\n      A switch. (true or false)\n"
        "  ws.port = 80\n      A port. (number; 1 to 99)\n"
        "  ws.timeout = 1.5\n      A time. (seconds, or as in 90s, 15m, 12h, 30d)\n"
        "  ws.patience = 90s\n      Another. (seconds, or as in 90s, 15m, 12h, 30d; 90s to 2h)\n"
        "  ws.limit = 64k\n      A size. (bytes, or as in 64k, 16M, 1G; 0 to 3M)\n");
}

TEST(KeyHelp, IsSilentAboutNoKeys) { EXPECT_EQ(keyHelp("http-api", {}), ""); }

}  // namespace
}  // namespace hub::daemon
