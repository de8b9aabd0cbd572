#include "hub/commands.h"

#include <gtest/gtest.h>

#include <string>

namespace hub {
namespace {

TEST(CommandRequest, AKeyIsVisibleAscii) {
    for (const std::string& key : {std::string("!"), std::string("~"), std::string("bolt/7:a"),
                                   std::string(CommandRequest::kMaxKeyBytes, 'k')}) {
        EXPECT_TRUE(CommandRequest::isValidKey(key)) << key;
    }
    for (const std::string& key :
         {std::string(), std::string("a b"), std::string("a\tb"), std::string("a\x7F"),
          std::string("\xC3\xA4"), std::string("a\0", 2),
          std::string(CommandRequest::kMaxKeyBytes + 1, 'k')}) {
        EXPECT_FALSE(CommandRequest::isValidKey(key)) << key;
    }
}

TEST(CommandReceipt, ItsFirstReasonIsThatOfAGuard) {
    CommandReceipt receipt;
    EXPECT_EQ(firstReason(receipt), "");
    receipt.targets = {{"a", TargetStatus::Unreachable, "the device is offline"}};
    EXPECT_EQ(firstReason(receipt), "");
    receipt.targets.push_back({"b", TargetStatus::Rejected, "a pose is running"});
    receipt.targets.push_back({"c", TargetStatus::Rejected, "the wheels are locked"});
    EXPECT_EQ(firstReason(receipt), "a pose is running");
}

}  // namespace
}  // namespace hub
