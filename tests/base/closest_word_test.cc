#include "base/closest_word.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace billing {
namespace {

constexpr std::array<std::string_view, 6> kWords = {"aggregate", "merge",    "month",
                                                    "--input",   "--output", "--output-format"};

TEST(ClosestWord, IsTheOneThatOneSlipMakes) {
  EXPECT_EQ(closest_word("aggregat", kWords), "aggregate");
  EXPECT_EQ(closest_word("agggregate", kWords), "aggregate");
  EXPECT_EQ(closest_word("--inptu", kWords), "--input");
  EXPECT_EQ(closest_word("mrege", kWords), "merge");
}

TEST(ClosestWord, DoesNotMindTheCase) { EXPECT_EQ(closest_word("MONTH", kWords), "month"); }

TEST(ClosestWord, AllowsMoreSlipsInLongerWords) {
  EXPECT_EQ(closest_word("monthly", kWords), "month");
  EXPECT_EQ(closest_word("my", kWords), "");
}

TEST(ClosestWord, MayHoldWhatWasTyped) {
  EXPECT_EQ(closest_word("--format", kWords), "");
  EXPECT_EQ(closest_word("-format", kWords), "--output-format");
}

TEST(ClosestWord, IsNoneWhereNothingIsNear) {
  EXPECT_EQ(closest_word("fortnight", kWords), "");
  EXPECT_EQ(closest_word("", kWords), "");
  EXPECT_EQ(closest_word(std::string(1000, 'a'), kWords), "");
}

TEST(ClosestWord, EndsAMessage) {
  EXPECT_EQ(did_you_mean("mergee", kWords), "; did you mean 'merge'?");
  EXPECT_EQ(did_you_mean("fortnight", kWords), "");
}

}  // namespace
}  // namespace billing
