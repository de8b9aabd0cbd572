#include "decoder_oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace hub {
namespace {

// Damages good documents at random, always in the same way.
class DeviceMessageMutation : public testing::Test {
protected:
    DeviceMessageMutation() {
        for (const auto& entry : std::filesystem::directory_iterator(HUB_GOLDEN_MESSAGES)) {
            std::ifstream file{entry.path(), std::ios::binary};
            seeds_.emplace_back(std::istreambuf_iterator<char>{file},
                                std::istreambuf_iterator<char>{});
        }
        std::sort(seeds_.begin(), seeds_.end());
    }

    std::string damaged() {
        std::string text = seeds_[below(seeds_.size())];
        const std::size_t edits = 1 + below(3);
        for (std::size_t i = 0; i < edits; ++i) edit(text);
        return text;
    }

private:
    void edit(std::string& text) {
        constexpr std::array<std::string_view, 24> kPieces{
            "{", "}",  "[",       "]",     ":",    ",",   "\"",      "\\",
            "-", "0",  "1e999",   "NaN",   "null", "tru", "\xFF",    "\\ud800",
            " ", "\n", "{\"a\":", "\"b\"", "1.5",  "9",   "\\u00e9", "12345678901234567890"};
        const std::size_t place = below(text.size() + 1);
        switch (below(4)) {
            case 0:
                text.insert(place, kPieces[below(kPieces.size())]);
                break;
            case 1:
                text.erase(place, 1 + below(4));
                break;
            case 2:
                if (place < text.size()) text[place] = static_cast<char>(below(256));
                break;
            case 3:
                text.insert(below(text.size() + 1), text.substr(place, below(20)));
                break;
        }
    }

    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
    }

    std::vector<std::string> seeds_;
    std::mt19937_64 random_{20261123};
};

TEST_F(DeviceMessageMutation, NeverConfusesTheDecoder) {
    constexpr int kDocuments = 100'000;
    DecoderOracle oracle;
    int accepted = 0;
    for (int i = 0; i < kDocuments; ++i) {
        const std::string text = damaged();
        ASSERT_EQ(oracle.objection(text), "") << text;
        accepted += oracle.accepted() ? 1 : 0;
        ASSERT_EQ(oracle.objection(text, "status"), "") << text;
    }
    // The damage is neither harmless nor hopeless: both verdicts were tried many times.
    EXPECT_GT(accepted, kDocuments / 20);
    EXPECT_LT(accepted, kDocuments * 19 / 20);
}

}  // namespace
}  // namespace hub
