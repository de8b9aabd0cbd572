#pragma once

#include "core/ctl/rest_hub.h"
#include "ctl/command_line.h"
#include "fakes/manual_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {

// What a call writes. A person presses Ctrl-C once that has so many lines.
class InterruptedOutput : public std::stringbuf {
public:
    void interruptBehind(std::ptrdiff_t lines) { lines_ = lines; }

protected:
    int sync() override {
        const std::string text = str();
        if (lines_ > 0 && std::ranges::count(text, '\n') >= lines_) {
            lines_ = 0;
            ::raise(SIGINT);
        }
        return std::stringbuf::sync();
    }

private:
    std::ptrdiff_t lines_ = 0;  // 0: none
};

// A call of hubctl against a hub that the test scripts, an hour east of Greenwich.
class CtlFixture : public testing::Test {
protected:
    CtlFixture() {
        ::setenv("TZ", "TST-1", 1);
        ::tzset();
    }

    // `run(devicesSubcommand(), {"--online"})`
    int run(const Subcommand& subcommand, std::vector<std::string_view> words) {
        output_.str("");
        err_.str("");
        words.insert(words.begin(), subcommand.usage.name);
        return runCommandLine(std::array{subcommand}, "1.2.3", words,
                              {.in = in_,
                               .out = out_,
                               .err = err_,
                               .clock = clock_,
                               .interactive = interactive_,
                               .hub_url = hub_.url(),
                               .shows_progress = shows_progress_});
    }

    // The next call is to be ended by Ctrl-C, once it has written so many lines.
    void interruptBehind(std::ptrdiff_t lines) { output_.interruptBehind(lines); }

    [[nodiscard]] std::string out() const { return output_.str(); }
    [[nodiscard]] std::string err() const { return err_.str(); }

    RestHub hub_;
    fakes::ManualClock clock_;  // 2026-11-23 17:40:00 where the test runs
    std::istringstream in_;
    bool interactive_ = false;
    bool shows_progress_ = false;

private:
    InterruptedOutput output_;
    std::ostream out_{&output_};
    std::ostringstream err_;
};

}  // namespace hub::ctl
