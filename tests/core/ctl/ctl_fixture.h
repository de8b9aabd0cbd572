#pragma once

#include "core/ctl/rest_hub.h"
#include "ctl/command_line.h"
#include "fakes/manual_clock.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {

// A call of hubctl against a hub that the test scripts, an hour east of Greenwich.
class CtlFixture : public testing::Test {
protected:
    CtlFixture() {
        ::setenv("TZ", "TST-1", 1);
        ::tzset();
    }

    // `run(devicesSubcommand(), {"--online"})`
    int run(const Subcommand& subcommand, std::vector<std::string_view> words) {
        out_.str("");
        err_.str("");
        words.insert(words.begin(), subcommand.usage.name);
        return runCommandLine(std::array{subcommand}, "1.2.3", words,
                              {.in = in_,
                               .out = out_,
                               .err = err_,
                               .clock = clock_,
                               .interactive = interactive_,
                               .hub_url = hub_.url()});
    }

    [[nodiscard]] std::string out() const { return out_.str(); }
    [[nodiscard]] std::string err() const { return err_.str(); }

    RestHub hub_;
    fakes::ManualClock clock_;  // 2026-11-23 17:40:00 where the test runs
    std::istringstream in_;
    bool interactive_ = false;

private:
    std::ostringstream out_;
    std::ostringstream err_;
};

}  // namespace hub::ctl
