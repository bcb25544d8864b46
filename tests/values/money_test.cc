#include "billing/money.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace billing {
namespace {

constexpr Uint128 kOne = 1'000'000'000'000;

std::string text_of(Uint128 units, int scale = 0) {
  std::string out;
  append_amount(out, units, scale);
  return out;
}

/// The decimal in units of 10^-12, as text.
std::string parsed(std::string_view text) {
  const std::optional<Uint128> value = parse_decimal(text);
  return value ? text_of(*value) : "nothing";
}

std::string rounded(std::string_view amount, Rounding mode, int scale) {
  return text_of(round_amount(parse_decimal(amount).value(), {mode, scale}), scale);
}

/// One amount in all five modes: half-up, half-even, half-down, up, down.
std::vector<std::string> in_all_modes(std::string_view amount, int scale) {
  return {rounded(amount, Rounding::half_up, scale), rounded(amount, Rounding::half_even, scale),
          rounded(amount, Rounding::half_down, scale), rounded(amount, Rounding::up, scale),
          rounded(amount, Rounding::down, scale)};
}

using Texts = std::vector<std::string>;

TEST(ParseDecimal, WholeAndFraction) {
  EXPECT_EQ(parsed("0"), "0");
  EXPECT_EQ(parsed("0.005"), "5000000000");
  EXPECT_EQ(parsed(".005"), "5000000000");
  EXPECT_EQ(parsed("12.5"), "12500000000000");
  EXPECT_EQ(parsed("000000000000001.000000000001"), "1000000000001");
  EXPECT_EQ(parsed("999999999999999.999999999999"), "999999999999999999999999999");
}

TEST(ParseDecimal, OtherTextIsNone) {
  for (const char* text : {"",
                           ".",
                           "1.",
                           "-1",
                           "+1",
                           " 1",
                           "1 ",
                           "1e3",
                           "0,005",
                           "1.2.3",
                           "..1",
                           "0x10",
                           "1_0",
                           "1'0",
                           "1000000000000000",
                           "0000000000000000",
                           "1.0000000000000",
                           "inf",
                           "nan",
                           "1/2",
                           "1:",
                           "٣"}) {
    EXPECT_EQ(parsed(text), "nothing") << text;
  }
}

TEST(ParseRounding, KnowsTheNamesOfTheOption) {
  EXPECT_EQ(parse_rounding("half-up"), Rounding::half_up);
  EXPECT_EQ(parse_rounding("half-even"), Rounding::half_even);
  EXPECT_EQ(parse_rounding("half-down"), Rounding::half_down);
  EXPECT_EQ(parse_rounding("up"), Rounding::up);
  EXPECT_EQ(parse_rounding("down"), Rounding::down);
  EXPECT_EQ(parse_rounding("half_up"), std::nullopt);
  EXPECT_EQ(parse_rounding("UP"), std::nullopt);
  EXPECT_EQ(parse_rounding(""), std::nullopt);
}

TEST(RoundAmount, HalfwayOnlyTheModeDecides) {
  EXPECT_EQ(in_all_modes("0.125", 2), (Texts{"0.13", "0.12", "0.12", "0.13", "0.12"}));
  EXPECT_EQ(in_all_modes("0.135", 2), (Texts{"0.14", "0.14", "0.13", "0.14", "0.13"}));
  EXPECT_EQ(in_all_modes("0.5", 0), (Texts{"1", "0", "0", "1", "0"}));
}

TEST(RoundAmount, JustBesideHalfway) {
  EXPECT_EQ(in_all_modes("0.124999999999", 2), (Texts{"0.12", "0.12", "0.12", "0.13", "0.12"}));
  EXPECT_EQ(in_all_modes("0.125000000001", 2), (Texts{"0.13", "0.13", "0.13", "0.13", "0.12"}));
}

TEST(RoundAmount, AnExactAmountStays) {
  EXPECT_EQ(in_all_modes("42.50", 2), Texts(5, "42.50"));
  EXPECT_EQ(in_all_modes("0", 2), Texts(5, "0.00"));
}

TEST(RoundAmount, AtTwelveDecimalsNothingIsLeftToRound) {
  EXPECT_EQ(in_all_modes("0.000000000001", 12), Texts(5, "0.000000000001"));
}

TEST(RoundAmount, AmountsBeyond64BitsRoundAlike) {
  EXPECT_EQ(in_all_modes("123456789012345.125", 2),
            (Texts{"123456789012345.13", "123456789012345.12", "123456789012345.12",
                   "123456789012345.13", "123456789012345.12"}));
  EXPECT_EQ(in_all_modes("99999999999.5", 0),
            (Texts{"100000000000", "100000000000", "99999999999", "100000000000", "99999999999"}));
}

TEST(RoundAmount, OnBothSidesOf64Bits) {
  const Uint128 two_to_64 = Uint128{1} << 64;  // 18446744.073709551616
  EXPECT_EQ(text_of(round_amount(two_to_64 - 1, {Rounding::up, 2}), 2), "18446744.08");
  EXPECT_EQ(text_of(round_amount(two_to_64, {Rounding::up, 2}), 2), "18446744.08");
  EXPECT_EQ(text_of(round_amount(two_to_64, {Rounding::half_up, 11}), 11), "18446744.07370955162");
}

TEST(AppendAmount, HasExactlyTheDecimalsOfTheScale) {
  EXPECT_EQ(text_of(4250, 0), "4250");
  EXPECT_EQ(text_of(4250, 2), "42.50");
  EXPECT_EQ(text_of(5, 2), "0.05");
  EXPECT_EQ(text_of(0, 12), "0.000000000000");
  EXPECT_EQ(text_of(kOne, 12), "1.000000000000");
}

TEST(AppendAmount, AmountsBeyond64Bits) {
  const auto most = static_cast<Int128>(~Uint128{0} >> 1);
  EXPECT_EQ(text_of(most, 0), "170141183460469231731687303715884105727");
  EXPECT_EQ(text_of(most, 12), "170141183460469231731687303.715884105727");
  EXPECT_EQ(text_of(Uint128{1} << 64, 0), "18446744073709551616");
  EXPECT_EQ(text_of(Uint128{1} << 64, 2), "184467440737095516.16");
  EXPECT_EQ(text_of(-most, 1), "-17014118346046923173168730371588410572.7");
}

TEST(AppendAmount, MoreDigitsThan64BitsHold) {
  const auto most = static_cast<Int128>(~Uint128{0} >> 1);
  EXPECT_EQ(text_of(1, 21), "0.000000000000000000001");
  EXPECT_EQ(text_of(-1, 13), "-0.0000000000001");
  EXPECT_EQ(text_of(Int128{1} << 64, 17), "184.46744073709551616");
  EXPECT_EQ(text_of(most, 21), "170141183460469231.731687303715884105727");
  std::string out;
  append_shortest_amount(out, 2'500'000'000'000'000, 15);
  append_shortest_amount(out, -30, 0);
  append_shortest_amount(out, 1000, 3);
  EXPECT_EQ(out, "2.5-301");
}

TEST(RoundAmount, NegativeAmountsAreRoundedByTheirMagnitude) {
  for (const auto& [mode, expected] :
       std::vector<std::pair<Rounding, std::int64_t>>{{Rounding::half_up, -3},
                                                      {Rounding::half_even, -2},
                                                      {Rounding::half_down, -2},
                                                      {Rounding::up, -3},
                                                      {Rounding::down, -2}}) {
    EXPECT_TRUE(round_amount(Int128{-25} * 100'000'000'000, {mode, 0}) == expected);
    EXPECT_TRUE(round_amount(Int128{-25} * 1'000'000'000'000'000'000, {mode, 0}, 19) == expected);
  }
}

TEST(AppendAmount, AppendsToWhatIsThere) {
  std::string out = "cost=";
  append_amount(out, 62, 2);
  EXPECT_EQ(out, "cost=0.62");
}

}  // namespace
}  // namespace billing
