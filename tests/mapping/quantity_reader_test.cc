#include "mapping/quantity_reader.h"

#include <gtest/gtest.h>

#include "billing/error.h"
#include "mapping/exact_bytes.h"

namespace billing {
namespace {

constexpr QuantityNotation kPlain = {};
constexpr QuantityNotation kWithExponents = {.has_exponents = true};
constexpr QuantityNotation kWithComma = {.has_exponents = true, .decimal_comma = true};

/// Reads as `10^-digits` of `unit`; the result is the integer, `bad` or `excess`.
struct Reading {
  QuantityRules rules = {};
  std::string unit = {};
  ExcessDigits excess = ExcessDigits::reject;
  QuantityNotation notation = kPlain;

  QuantityReader reader() const { return {unit, rules, excess, notation}; }

  static std::string text_of(QuantityReader::Result result, std::int64_t quantity) {
    if (result == QuantityReader::Result::good) return std::to_string(quantity);
    return result == QuantityReader::Result::bad ? "bad" : "excess";
  }

  std::string operator()(std::string_view text) const {
    std::int64_t quantity = 0;
    const QuantityReader::Result result = reader().read(ExactBytes(text).view(), quantity);
    return text_of(result, quantity);
  }
};

std::string error_of(const std::string& unit, const std::string& run_unit) {
  try {
    Reading{{run_unit, 0, false}, unit}.reader();
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    return error.what();
  }
}

/// left - right, each of its own unit.
std::string difference(const Reading& left, std::string_view a, const Reading& right,
                       std::string_view b) {
  ExactDecimal sum;
  ExactDecimal part;
  if (!left.reader().read_exact(a, sum) || !right.reader().read_exact(b, part)) return "bad";
  part.negate();
  if (!sum.add(part)) return "bad";
  std::int64_t quantity = 0;
  const QuantityReader::Result result = left.reader().finish(sum, quantity);
  return Reading::text_of(result, quantity);
}

TEST(QuantityReaderTest, OneDurationInEachUnitIsTheSameQuantity) {
  const QuantityRules ms = {"ms", 1, false};
  EXPECT_EQ((Reading{ms, "s"}("0.2604")), "2604");
  EXPECT_EQ((Reading{ms, "ms"}("260.4")), "2604");
  EXPECT_EQ((Reading{ms, ""}("260.4")), "2604");
  EXPECT_EQ((Reading{ms, "us"}("260400")), "2604");
  EXPECT_EQ((Reading{ms, "ns"}("260400000")), "2604");
  EXPECT_EQ((Reading{ms, "h"}("1")), "36000000");
  EXPECT_EQ((Reading{ms, "m"}("1.5")), "900000");
  EXPECT_EQ((Reading{ms, "min"}("0.00000001")), "excess");
}

TEST(QuantityReaderTest, ValuesThatCarryTheirUnitAreTheSameQuantities) {
  const Reading read = {{"ms", 3, false}, "auto"};
  EXPECT_EQ(read("260.4ms"), "260400");
  EXPECT_EQ(read("1.5s"), "1500000");
  EXPECT_EQ(read("2\u00B5s"), "2");
  EXPECT_EQ(read("2\u03BCs"), "2");
  EXPECT_EQ(read("260 msecs"), "260000");
  EXPECT_EQ(read("1h3m"), "3780000000");
  EXPECT_EQ(read("1h 3 mins  4.5 secs"), "3784500000");
  EXPECT_EQ(read("0s"), "0");
  for (const char* text : {"1ns", "1nsec", "1nsecs", "1nanos"}) EXPECT_EQ(read(text), "excess");
  for (const char* text : {"1us", "1usec", "1usecs", "1micros"}) EXPECT_EQ(read(text), "1");
  for (const char* text : {"1ms", "1msec", "1msecs", "1millis"}) EXPECT_EQ(read(text), "1000");
  for (const char* text : {"1s", "1sec", "1secs"}) EXPECT_EQ(read(text), "1000000");
  for (const char* text : {"1m", "1min", "1mins"}) EXPECT_EQ(read(text), "60000000");
  for (const char* text : {"1h", "1hr", "1hrs"}) EXPECT_EQ(read(text), "3600000000");
  for (const char* text : {"", "1", "ms", "1 ", "1h3", "1ms ", " 1ms", "1MS", "1kB", "1h-3m", "1x",
                           "-1ms", "1.ms", "1,5ms", "1h,3m", "1\u00B5", "1e3ms", "1..5ms"})
    EXPECT_EQ(read(text), "bad") << text;
  EXPECT_EQ((Reading{{"kB", 0, false}, "auto"}("1.5MB 2 kB")), "1502");
}

TEST(QuantityReaderTest, ASignBeforeSeveralNumbersIsOfAllOfThem) {
  const Reading read = {{"s", 0, true}, "auto", ExcessDigits::reject, kWithExponents};
  EXPECT_EQ(read("-1h3m"), "-3780");
  EXPECT_EQ(read("+1h3m"), "3780");
  EXPECT_EQ(read("1e2m"), "bad");
  EXPECT_EQ(read("-1h-3m"), "bad");
  EXPECT_EQ(read("1h+3m"), "bad");
}

TEST(QuantityReaderTest, RequestTimesAreMilliseconds) {
  const Reading tenths = {{"ms", 1, false}, "s"};
  EXPECT_EQ(tenths("0.260"), "2600");
  EXPECT_EQ(tenths("0.0001"), "1");
  EXPECT_EQ(tenths("1.5"), "15000");
  const Reading whole = {{"ms", 0, false}, "s"};
  EXPECT_EQ(whole("0.260"), "260");
  EXPECT_EQ(whole("0.0001"), "excess");
}

TEST(QuantityReaderTest, SizesConvertByTheirOwnPowers) {
  EXPECT_EQ((Reading{{"GB", 9, false}, "B"}("1")), "1");
  EXPECT_EQ((Reading{{"GiB", 9, false}, "B"}("1")), "excess");
  EXPECT_EQ((Reading{{"GiB", 9, false}, "B"}("536870912")), "500000000");
  EXPECT_EQ((Reading{{"GiB", 0, false}, "MiB"}("2048")), "2");
  EXPECT_EQ((Reading{{"B", 0, false}, "KiB"}("0.5")), "512");
  EXPECT_EQ((Reading{{"kB", 3, false}, "KiB"}("1")), "1024");
}

TEST(QuantityReaderTest, DecimalsHaveDigitsOnBothSidesOfThePointOrBehindIt) {
  const Reading read = {{"units", 6, false}};
  EXPECT_EQ(read("0"), "0");
  EXPECT_EQ(read("007"), "7000000");
  EXPECT_EQ(read(".5"), "500000");
  EXPECT_EQ(read("0.500000"), "500000");
  EXPECT_EQ(read("0.50000000000000"), "500000");
  EXPECT_EQ(read("00000000000000000000000000000000000000000000000000012.25"), "12250000");
  EXPECT_EQ(read("12.25" + std::string(100, '0')), "12250000");
  for (const char* text :
       {"",   ".",  "5.",  "1..2", "1.2.3", "1,5",   "+1",  "-1",       "-0",  "1e3",
        " 1", "1 ", "0x1", "NaN",  "inf",   "1_000", "1/2", "\xD9\xA1", "1:2", "12345678."})
    EXPECT_EQ(read(text), "bad") << text;
}

TEST(QuantityReaderTest, ExponentsAndPlusesAreForFormatsThatHaveThem) {
  const Reading read = {{"units", 6, false}, "", ExcessDigits::reject, kWithExponents};
  EXPECT_EQ(read("1.2e1"), "12000000");
  EXPECT_EQ(read("5e-06"), "5");
  EXPECT_EQ(read("+5E+0"), "5000000");
  EXPECT_EQ(read(".5e1"), "5000000");
  EXPECT_EQ(read("5e-07"), "excess");
  EXPECT_EQ(read("0e999"), "0");
  EXPECT_EQ(read("0.000e-999"), "0");
  EXPECT_EQ(read("1e999"), "bad");
  EXPECT_EQ(read("1e-999"), "excess");
  EXPECT_EQ(read("1" + std::string(990, '0') + "e-990"), "1000000");
  EXPECT_EQ(read("0." + std::string(900, '0') + "1e901"), "1000000");
  for (const char* text :
       {"1e", "1e+", "1e1000", "1e0001", "e5", "1e5.0", "1e 5", "++1", "+-1", "-1", "1e+-5"})
    EXPECT_EQ(read(text), "bad") << text;
}

TEST(QuantityReaderTest, ADecimalCommaLeavesPointsToGroups) {
  const Reading read = {{"units", 3, false}, "", ExcessDigits::reject, kWithComma};
  EXPECT_EQ(read("1.234,56"), "1234560");
  EXPECT_EQ(read("1234,5"), "1234500");
  EXPECT_EQ(read("1.234"), "1234000");
  EXPECT_EQ(read("12.345.678"), "12345678000");
  EXPECT_EQ(read("0,5"), "500");
  EXPECT_EQ(read(",5"), "500");
  EXPECT_EQ(read("7"), "7000");
  for (const char* text :
       {"1.5", "1.2345", "1234.567", ".234", "1,", "1,234.567", "1..234", "1.234.", "1,2,3"})
    EXPECT_EQ(read(text), "bad") << text;
}

TEST(QuantityReaderTest, CreditsAreForRunsThatAllowThem) {
  const Reading read = {{"units", 2, true}};
  EXPECT_EQ(read("-1.5"), "-150");
  EXPECT_EQ(read("-0"), "0");
  EXPECT_EQ(read("-0.00"), "0");
  EXPECT_EQ(read("-.5"), "-50");
  EXPECT_EQ(read("--5"), "bad");
  EXPECT_EQ(read("-"), "bad");
  EXPECT_EQ(read("-9999999999999.99"), "-999999999999999");
  EXPECT_EQ(read("-10000000000000"), "bad");
}

TEST(QuantityReaderTest, BoundsAreThoseOfTheResult) {
  const Reading whole = {{"units", 0, false}};
  EXPECT_EQ(whole("999999999999999"), "999999999999999");
  EXPECT_EQ(whole("1000000000000000"), "bad");
  EXPECT_EQ(whole("99999999999999999999999999999999999999999999999999"), "bad");
  EXPECT_EQ(whole("340282366920938463463374607431768211457"), "bad");  // 2^128 + 1
  EXPECT_EQ(whole("18446744073709551617"), "bad");                     // 2^64 + 1
  const Reading fine = {{"units", 9, false}};
  EXPECT_EQ(fine("999999.999999999"), "999999999999999");
  EXPECT_EQ(fine("1000000"), "bad");
}

TEST(QuantityReaderTest, ExcessDigitsAreRoundedHalfToEvenWhereAsked) {
  const Reading read = {{"units", 0, true}, "", ExcessDigits::round, kWithExponents};
  EXPECT_EQ(read("0.5"), "0");
  EXPECT_EQ(read("1.5"), "2");
  EXPECT_EQ(read("2.5"), "2");
  EXPECT_EQ(read("-2.5"), "-2");
  EXPECT_EQ(read("-3.5"), "-4");
  EXPECT_EQ(read("2.5000000000000000000000000000000000000000000000000001"), "3");
  EXPECT_EQ(read("2.4999999999999999999999999999999999999999999999999999"), "2");
  EXPECT_EQ(read("2.5000000000000000000000000000000000000000000000000000"), "2");
  EXPECT_EQ(read("1e-999"), "0");
  EXPECT_EQ(read("-1e-999"), "0");
  EXPECT_EQ(read("999999999999999.4"), "999999999999999");
  EXPECT_EQ(read("999999999999999.5"), "bad");
  EXPECT_EQ((Reading{{"h", 0, false}, "min", ExcessDigits::round}("30")), "0");
  EXPECT_EQ((Reading{{"h", 0, false}, "min", ExcessDigits::round}("90")), "2");
  EXPECT_EQ((Reading{{"h", 9, false}, "ns", ExcessDigits::round}("1801")), "1");
}

/// How often a text is rounded, and by how many 10^-20 of the unit.
std::string rounding_of(const Reading& reading, std::string_view text) {
  std::int64_t quantity = 0;
  QuantityRounding rounding;
  if (reading.reader().read(text, quantity, &rounding) != QuantityReader::Result::good)
    return "bad";
  const auto by = static_cast<std::int64_t>(rounding.by);
  EXPECT_EQ(by, rounding.by);
  return std::to_string(rounding.count) + " by " + std::to_string(by);
}

TEST(QuantityReaderTest, TellsByHowMuchQuantitiesAreRounded) {
  const Reading read = {{"units", 6, true}, "", ExcessDigits::round, kWithExponents};
  EXPECT_EQ(rounding_of(read, "1.25"), "0 by 0");
  EXPECT_EQ(rounding_of(read, "1.000000"), "0 by 0");
  EXPECT_EQ(rounding_of(read, "1.0000005"), "1 by -50000000000000");
  EXPECT_EQ(rounding_of(read, "1.0000015"), "1 by 50000000000000");
  EXPECT_EQ(rounding_of(read, "-1.0000015"), "1 by -50000000000000");
  EXPECT_EQ(rounding_of(read, "1e-20"), "1 by -1");
  EXPECT_EQ(rounding_of(read, "-1e-20"), "1 by 1");
  EXPECT_EQ(rounding_of(read, "9e-21"), "1 by 0");
  EXPECT_EQ(rounding_of(read, "1e-999"), "1 by 0");
  EXPECT_EQ(rounding_of(read, "0.00000012345678901234567890123456789012345678901234567890"),
            "1 by -12345678901234");
  EXPECT_EQ(rounding_of(read, "0.00000099999999999999999999999999999999999999999999999999"),
            "1 by 1");
  EXPECT_EQ(rounding_of(read, "1e99"), "bad");
  EXPECT_EQ(rounding_of({{"h", 0, false}, "s", ExcessDigits::round}, "1"),
            "1 by -27777777777777777");
  EXPECT_EQ(rounding_of({{"GiB", 9, false}, "B", ExcessDigits::round}, "1"), "1 by 6867742539");
}

TEST(QuantityReaderTest, PartsOfSumsMayHaveMoreDigitsThanTheirSum) {
  const Reading ns = {{"ms", 0, false}, "ns"};
  EXPECT_EQ(difference(ns, "1712790044995123456", ns, "1712790044994123456"), "1");
  EXPECT_EQ(difference(ns, "1712790044995123457", ns, "1712790044994123456"), "excess");
  EXPECT_EQ(difference(ns, "1", ns, "1000001"), "bad");
  const Reading s = {{"ms", 0, false}, "s"};
  EXPECT_EQ(difference(s, "1712790044.995123456", ns, "1712790044994123456"), "1");
  EXPECT_EQ(difference({{"ms", 0, true}, "h"}, "1", s, "3600.5"), "-500");
  const Reading words = {{"ms", 0, false}, "auto"};
  EXPECT_EQ(difference(words, "1h 3m", s, "0.5"), "3779500");
  EXPECT_EQ(difference(words, "1h 3", s, "0.5"), "bad");
}

TEST(QuantityReaderTest, UnitsOfAnotherKindAreErrors) {
  EXPECT_EQ(error_of("GB", "ms"),
            "a quantity in 'GB' cannot be converted to 'ms', the run's unit; set unit to a unit of "
            "size, such as GB");
  EXPECT_EQ(error_of("s", "tokens"),
            "a quantity in 's' cannot be converted to 'tokens', the run's unit; set unit to a unit "
            "of time, such as ms");
  EXPECT_EQ(error_of("auto", "tokens"),
            "a quantity in 'auto' cannot be converted to 'tokens', the run's unit; set unit to a "
            "unit of time or size, such as ms or GB");
  EXPECT_EQ(error_of("msecs", "ms"),
            "unknown unit 'msecs' of a quantity; there are ns us ms s min h, B kB MB GB KiB MiB "
            "GiB, auto, and what unit says, 'ms'");
  EXPECT_EQ(error_of("tokens", "tokens"), "");
  EXPECT_EQ(error_of("", "tokens"), "");
  EXPECT_EQ(error_of("KiB", "GB"), "");
}

TEST(QuantityUnitTest, NamesAreOfTimeOrOfSize) {
  for (const char* name : {"ns", "us", "ms", "s", "min", "m", "h"}) {
    EXPECT_TRUE(is_time_unit(name)) << name;
    EXPECT_FALSE(is_size_unit(name)) << name;
  }
  for (const char* name : {"B", "kB", "MB", "GB", "KiB", "MiB", "GiB"}) {
    EXPECT_TRUE(is_size_unit(name)) << name;
    EXPECT_FALSE(is_time_unit(name)) << name;
  }
  for (const char* name : {"", "auto", "msecs", "KB", "b", "calls"}) {
    EXPECT_FALSE(is_time_unit(name) || is_size_unit(name)) << name;
  }
}

}  // namespace
}  // namespace billing
