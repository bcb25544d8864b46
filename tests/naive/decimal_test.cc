#include "naive/decimal.h"

#include <gtest/gtest.h>

#include "naive/quantity_units.h"

namespace billing::naive {
namespace {

std::string rounded(const std::string& text, std::uint64_t divisor, int places) {
  const auto value = parse_decimal(text, {true, false, true});
  if (!value) return "none";
  const auto found = divided(*value, divisor, places);
  if (!found) return "too large";
  return (found->is_exact ? "" : "~") + std::to_string(found->value);
}

TEST(Decimal, IsDividedWithoutLoss) {
  EXPECT_EQ(rounded("0", 1, 9), "0");
  EXPECT_EQ(rounded("-0.000", 1, 9), "0");
  EXPECT_EQ(rounded("00012.50", 1, 1), "125");
  EXPECT_EQ(rounded("3600", 3600, 0), "1");
  EXPECT_EQ(rounded("1", 3, 2), "~33");
  EXPECT_EQ(rounded("999999999999999", 1, 0), "999999999999999");
  EXPECT_EQ(rounded("1e15", 1, 0), "too large");
  EXPECT_EQ(rounded("1e999", 1, 0), "too large");
  EXPECT_EQ(rounded("1e-999", 1, 9), "~0");
  EXPECT_EQ(rounded("10e-1", 1, 0), "1");
  EXPECT_EQ(rounded(std::string(100'000, '0') + "1." + std::string(100'000, '0'), 1, 0), "1");
}

TEST(Decimal, IsRoundedHalfToEvenByItsMagnitude) {
  EXPECT_EQ(rounded("0.5", 1, 0), "~0");
  EXPECT_EQ(rounded("1.5", 1, 0), "~2");
  EXPECT_EQ(rounded("2.5", 1, 0), "~2");
  EXPECT_EQ(rounded("-2.5", 1, 0), "~-2");
  EXPECT_EQ(rounded("-3.5", 1, 0), "~-4");
  EXPECT_EQ(rounded("2.5000000000000000000001", 1, 0), "~3");
  EXPECT_EQ(rounded("2.4999999999999999999999", 1, 0), "~2");
  EXPECT_EQ(rounded("0.05", 1, 0), "~0");
  EXPECT_EQ(rounded("1", 2, 0), "~0");
  EXPECT_EQ(rounded("3", 2, 0), "~2");
  EXPECT_EQ(rounded("3.01", 2, 0), "~2");
  EXPECT_EQ(rounded("5.01", 2, 0), "~3");
  EXPECT_EQ(rounded("5", 2, 0), "~2");
}

TEST(Decimal, SpellingsDependOnTheFormat) {
  const auto is_one = [](const std::string& text, const DecimalRules& rules) {
    return parse_decimal(text, rules).has_value();
  };
  for (const char* const text : {"1", "1.5", ".5", "007"}) EXPECT_TRUE(is_one(text, {})) << text;
  for (const char* const text :
       {"", ".", "1.", "+1", "-1", "-0", "1e1", " 1", "1 ", "1,5", "1.5.5"}) {
    EXPECT_FALSE(is_one(text, {})) << text;
  }
  const DecimalRules all{true, false, true};
  for (const char* const text : {"+1", "-1", "-.5e+10", "1E-999"}) EXPECT_TRUE(is_one(text, all));
  for (const char* const text : {"+-1", "1e", "1e+", "1e1000", "e1", "--1", "1e1.5"}) {
    EXPECT_FALSE(is_one(text, all)) << text;
  }
}

TEST(Decimal, SumsAndDifferences) {
  const auto total = [](const std::string& a, const std::string& b) {
    const Decimal found =
        sum(*parse_decimal(a, {true, false, true}), *parse_decimal(b, {true, false, true}));
    return (found.is_negative ? "-" : "") + found.digits + "/" + std::to_string(found.scale);
  };
  EXPECT_EQ(total("1.5", "2.25"), "375/2");
  EXPECT_EQ(total("99", "1"), "100/0");
  EXPECT_EQ(total("100", "-0.01"), "9999/2");
  EXPECT_EQ(total("0.01", "-100"), "-9999/2");
  EXPECT_EQ(total("-5", "5"), "/0");
  EXPECT_EQ(total("-5", "-5.0"), "-100/1");
  EXPECT_EQ(times(*parse_decimal("1.5", {}), 3'600'000'000'000).digits, "54000000000000");
}

std::string bounded(const std::string& a, const std::string& b) {
  const DecimalRules rules{true, false, true};
  const auto value = bounded_sum(*parse_decimal(a, rules), *parse_decimal(b, rules));
  return value ? value->digits : "too long";
}

TEST(Decimal, NumbersOfASumTakeThirtySevenDigits) {
  EXPECT_EQ(bounded("1", "1e-36"), "1" + std::string(35, '0') + "1");
  EXPECT_EQ(bounded("1", "1e-37"), "too long");
  EXPECT_EQ(bounded("1e60", "-1e60"), "");
  EXPECT_EQ(bounded("0", std::string(37, '9') + "e-300"), std::string(37, '9'));
  EXPECT_EQ(bounded(std::string(37, '9'), "1"), "1" + std::string(37, '0'));
  EXPECT_EQ(bounded(std::string(37, '9'), "2"), "too long");
  EXPECT_EQ(bounded("0", "1" + std::string(37, '0')), "1" + std::string(37, '0'));
}

std::string nanoseconds(const std::string& text, const DecimalRules& rules = {}) {
  const auto value = parse_with_units(text, Unit::Kind::time, rules, false);
  if (!value) return "none";
  const auto whole = divided(*value, 1, 0);
  return whole && whole->is_exact ? std::to_string(whole->value) : "not whole";
}

TEST(QuantityUnits, ValuesCarryTheirOwnUnits) {
  for (const char* const same : {"260.4ms", "260.4 ms", "260400us", "0.2604s", ".2604sec",
                                 "260 msecs 400 micros", "260ms400\xC2\xB5s", "260ms 400\xCE\xBCs",
                                 "260400000nanos", "260400 usecs", "0.2604 secs", "260.4millis"}) {
    EXPECT_EQ(nanoseconds(same), "260400000") << same;
  }
  EXPECT_EQ(nanoseconds("1h3m"), "3780000000000");
  EXPECT_EQ(nanoseconds("1 hr 2 mins 1min"), "3780000000000");
  EXPECT_EQ(nanoseconds("0.5hrs0s"), "1800000000000");
  for (const char* const bad : {"", "5", "0", "ms", "5 ms ", " 5ms", "5x", "5MB", "1h3", "1h,3m",
                                "5e3ms", "-5ms", "+5ms", "1..5s", "5Ms", "5m-s"}) {
    EXPECT_EQ(nanoseconds(bad), "none") << bad;
  }
  EXPECT_EQ(nanoseconds("-1s1ms", {false, false, true}), "-1001000000");
  EXPECT_EQ(nanoseconds("1,5s", {false, true, false}), "1500000000");
  EXPECT_EQ(divided(*parse_with_units("1.5kB 1KiB", Unit::Kind::size, {}, false), 1, 0)->value,
            2524);
}

}  // namespace
}  // namespace billing::naive
