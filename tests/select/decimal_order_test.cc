#include "select/decimal_order.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace billing {
namespace {

constexpr QuantityNotation kPlain{};
constexpr QuantityNotation kFull{.has_exponents = true};
constexpr QuantityNotation kCommas{.has_exponents = true, .decimal_comma = true};

bool is_decimal(std::string_view text, QuantityNotation notation = kPlain) {
  return read_decimal_text(text, notation).has_value();
}

/// `<`, `=` or `>`.
char order(std::string_view a, std::string_view b, QuantityNotation notation = kFull) {
  const auto order = *read_decimal_text(a, notation) <=> *read_decimal_text(b, notation);
  return order < 0 ? '<' : order > 0 ? '>' : '=';
}

TEST(DecimalOrder, FormsOfDecimals) {
  for (const char* const text : {"0", "7", "007", "1.50", ".5", "-1", "-.5", "-0"})
    EXPECT_TRUE(is_decimal(text)) << text;
  for (const char* const text :
       {"", ".", "-", "1.", "1.2.3", " 1", "1 ", "+1", "1e3", "0x1", "1,5", "--1", "a", "1a"})
    EXPECT_FALSE(is_decimal(text)) << text;
}

TEST(DecimalOrder, ExponentsWhereTheFormatHasThem) {
  for (const char* const text : {"+1", "1e3", "1E+003", "1.5e-999"})
    EXPECT_TRUE(is_decimal(text, kFull)) << text;
  for (const char* const text : {"1e", "1e+", "1e1000", "e1", ".e1", "1e1.5"})
    EXPECT_FALSE(is_decimal(text, kFull)) << text;
}

TEST(DecimalOrder, DecimalCommasPartGroupsByPoints) {
  for (const char* const text : {"1.234,56", "1234,5", ",5", "1.234.567", "12"})
    EXPECT_TRUE(is_decimal(text, kCommas)) << text;
  for (const char* const text : {"1.5", "1234.567", ".123", "1.234.56", "1,", "1.2345"})
    EXPECT_FALSE(is_decimal(text, kCommas)) << text;
  EXPECT_EQ(order("1.234,50", "1234,5", kCommas), '=');
  EXPECT_EQ(order("1.234.567", "1234566,9", kCommas), '>');
}

TEST(DecimalOrder, ValuesNotSpellings) {
  EXPECT_EQ(order("1", "1.0"), '=');
  EXPECT_EQ(order("0.10", "00.1"), '=');
  EXPECT_EQ(order("1e3", "1000"), '=');
  EXPECT_EQ(order("12.5e-1", "1.25"), '=');
  EXPECT_EQ(order("0", "-0.00e9"), '=');
  EXPECT_EQ(order("9", "10"), '<');
  EXPECT_EQ(order("0.09", "0.1"), '<');
  EXPECT_EQ(order("1e-400", "0"), '>');
  EXPECT_EQ(order("1e999", "9e998"), '>');
}

TEST(DecimalOrder, BelowZeroTheLongerIsLess) {
  EXPECT_EQ(order("-10", "-9"), '<');
  EXPECT_EQ(order("-1", "0"), '<');
  EXPECT_EQ(order("0", "-1"), '>');
  EXPECT_EQ(order("-1", "1"), '<');
  EXPECT_EQ(order("-0.1", "-0.10"), '=');
}

TEST(DecimalOrder, NoDigitIsEverCut) {
  const std::string nines(400, '9');
  EXPECT_EQ(order(nines + "8", nines + "9"), '<');
  EXPECT_EQ(order("0." + nines, "0." + nines + "1"), '<');
  EXPECT_EQ(order("0." + nines, "0." + nines + "000"), '=');
  EXPECT_EQ(order("1" + std::string(300, '0'), "1e300"), '=');
  EXPECT_EQ(order("9007199254740993", "9007199254740992"), '>');
}

}  // namespace
}  // namespace billing
