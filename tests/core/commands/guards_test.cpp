#include "commands/guards.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace hub::commands {
namespace {

class FixedGuard final : public CommandGuard {
public:
    explicit FixedGuard(std::optional<std::string> answer) : answer_(std::move(answer)) {}
    std::optional<std::string> refuse(const Command&, const Device&) override { return answer_; }

private:
    const std::optional<std::string> answer_;
};

TEST(Guards, TheFirstThatRefusesHasTheWord) {
    Guards guards;
    EXPECT_FALSE(guards.any());
    FixedGuard content(std::nullopt);
    FixedGuard strict("no");
    FixedGuard later("never");
    const Registration first = guards.attach(content);
    const Registration second = guards.attach(strict);
    const Registration third = guards.attach(later);
    EXPECT_TRUE(guards.any());
    EXPECT_EQ(guards.refusal({}, {}), "no");
}

TEST(Guards, AReasonIsNeverEmptyAndIsCutBetweenCharacters) {
    Guards guards;
    FixedGuard silent("");
    {
        const Registration attached = guards.attach(silent);
        EXPECT_EQ(guards.refusal({}, {}), "a guard refuses it");
    }
    std::string umlauts(1, 'x');
    while (umlauts.size() < 2 * Guards::kMaxReasonBytes) umlauts += "\xC3\xBC";
    FixedGuard wordy(umlauts);
    const Registration attached = guards.attach(wordy);
    EXPECT_EQ(guards.refusal({}, {}), umlauts.substr(0, Guards::kMaxReasonBytes - 1));
}

}  // namespace
}  // namespace hub::commands
