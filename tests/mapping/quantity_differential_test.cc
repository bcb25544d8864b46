// Quantities as the reader takes them against arithmetic on decimal digits in strings, as long as
// they come.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <regex>

#include "mapping/exact_bytes.h"
#include "mapping/quantity_reader.h"
#include "sweep.h"

namespace billing {
namespace {

using Result = QuantityReader::Result;

/// Digits without leading zeros; 0 is an empty text.
std::string trimmed(const std::string& digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

bool is_less(const std::string& left, const std::string& right) {
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

std::string sum_of(const std::string& left, const std::string& right) {
  std::string sum;
  int carry = 0;
  for (std::size_t i = 0; i < std::max(left.size(), right.size()) || carry != 0; ++i) {
    if (i < left.size()) carry += left[left.size() - 1 - i] - '0';
    if (i < right.size()) carry += right[right.size() - 1 - i] - '0';
    sum.insert(sum.begin(), static_cast<char>('0' + carry % 10));
    carry /= 10;
  }
  return trimmed(sum);
}

/// left >= right.
std::string difference_of(const std::string& left, const std::string& right) {
  std::string result = left;
  int borrow = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    int digit = left[left.size() - 1 - i] - '0' - borrow;
    if (i < right.size()) digit -= right[right.size() - 1 - i] - '0';
    borrow = digit < 0 ? 1 : 0;
    result[left.size() - 1 - i] = static_cast<char>('0' + digit + 10 * borrow);
  }
  return trimmed(result);
}

std::string product_of(const std::string& left, const std::string& right) {
  std::string product;
  for (const char digit : right) {
    if (!product.empty()) product += '0';
    for (int i = digit - '0'; i > 0; --i) product = sum_of(product, left);
  }
  return product;
}

struct Division {
  std::string quotient;
  std::string rest;
};

Division divide(const std::string& dividend, const std::string& divisor) {
  Division result;
  for (const char digit : dividend) {
    result.rest = trimmed(result.rest + digit);
    char times = '0';
    for (; !is_less(result.rest, divisor); ++times)
      result.rest = difference_of(result.rest, divisor);
    result.quotient += times;
  }
  result.quotient = trimmed(result.quotient);
  return result;
}

const std::map<std::string, std::string> kFactors = {
    {"ns", "1"},          {"us", "1000"},         {"ms", "1000000"},      {"s", "1000000000"},
    {"m", "60000000000"}, {"min", "60000000000"}, {"h", "3600000000000"}, {"B", "1"},
    {"kB", "1000"},       {"MB", "1000000"},      {"GB", "1000000000"},   {"KiB", "1024"},
    {"MiB", "1048576"},   {"GiB", "1073741824"},  {"tokens", "1"}};

/// A number: digits * 10^exponent.
struct Number {
  bool is_negative;
  std::string digits;
  int exponent;
};

std::optional<Number> number_of(const std::string& text, bool has_exponents) {
  static const std::regex kForm("([+-]?)(\\d*)(?:\\.(\\d+))?(?:[eE]([+-]?\\d{1,3}))?");
  std::smatch match;
  if (!std::regex_match(text, match, kForm)) return std::nullopt;
  if (match[2].length() == 0 && !match[3].matched) return std::nullopt;
  if (!has_exponents && (match[4].matched || match[1] == "+")) return std::nullopt;
  const int exponent = match[4].matched ? std::stoi(match[4].str()) : 0;
  return Number{match[1] == "-", trimmed(match[2].str() + match[3].str()),
                exponent - static_cast<int>(match[3].length())};
}

struct Settings {
  std::string unit;
  QuantityRules rules;
  ExcessDigits excess;
  bool has_exponents;

  QuantityReader reader() const {
    return {unit, rules, excess, {.has_exponents = has_exponents, .decimal_comma = false}};
  }
};

struct Answer {
  Result result;
  std::int64_t quantity;

  bool operator==(const Answer&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << static_cast<int>(answer.result) << ' ' << answer.quantity;
}

/// Of digits * 10^exponent nanoseconds, bytes or tokens.
Answer settle(bool is_negative, const std::string& digits, int exponent, const Settings& settings) {
  const auto zeros = [](int count) {
    return std::string(static_cast<std::size_t>(std::max(count, 0)), '0');
  };
  if (digits.empty()) return {Result::good, 0};
  exponent += settings.rules.digits;
  const std::string divisor = kFactors.at(settings.rules.unit) + zeros(-exponent);
  const Division division = divide(digits + zeros(exponent), divisor);
  std::string quotient = division.quotient;
  const std::string most = std::to_string(kMaxQuantity);
  if (is_less(most, quotient)) return {Result::bad, 0};
  if (!division.rest.empty()) {
    if (settings.excess == ExcessDigits::reject) return {Result::excess, 0};
    const std::string twice = sum_of(division.rest, division.rest);
    const bool is_odd = !quotient.empty() && (quotient.back() - '0') % 2 == 1;
    if (is_less(divisor, twice) || (twice == divisor && is_odd)) quotient = sum_of(quotient, "1");
    if (is_less(most, quotient)) return {Result::bad, 0};
  }
  const std::int64_t quantity = quotient.empty() ? 0 : std::stoll(quotient);
  return {Result::good, is_negative ? -quantity : quantity};
}

Answer slow_read(const std::string& text, const Settings& settings) {
  const auto number = number_of(text, settings.has_exponents);
  if (!number || (number->is_negative && !settings.rules.negative)) return {Result::bad, 0};
  const std::string& unit = settings.unit.empty() ? settings.rules.unit : settings.unit;
  return settle(number->is_negative, product_of(number->digits, kFactors.at(unit)),
                number->exponent, settings);
}

Answer read(const std::string& text, const Settings& settings) {
  Answer answer = {Result::bad, 0};
  answer.result = settings.reader().read(ExactBytes(text).view(), answer.quantity);
  if (answer.result != Result::good) answer.quantity = 0;
  return answer;
}

class RandomNumbers {
 public:
  explicit RandomNumbers(int seed) : random_(static_cast<unsigned>(seed)) {}

  std::size_t below(std::size_t count) { return random_() % count; }

  std::string one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }

  std::string digits(std::size_t most) {
    const std::string repeated = one_of({"", "0", "9", "5", "40"});
    std::string text;
    for (std::size_t left = below(most + 1); left > 0; --left)
      text += repeated.empty() ? std::to_string(below(10)) : repeated;
    return text;
  }

  std::string number(std::size_t most_digits) {
    std::string text = one_of({"", "", "", "", "-", "+"}) + digits(most_digits);
    if (below(2) == 0) text += "." + digits(most_digits);
    if (below(2) == 0) text += one_of({"", "0", "5", "50", "500000", "000000000000", "1"});
    if (below(6) == 0) text += one_of({"e", "E", "e-", "e+"}) + std::to_string(below(45));
    if (below(10) == 0 && !text.empty()) text[below(text.size())] = "0123456789.-+eE ,x"[below(18)];
    return text;
  }

  Settings settings() {
    const std::vector<std::string> times = {"ns", "us", "ms", "s", "m", "min", "h", ""};
    const std::vector<std::string> sizes = {"B", "kB", "MB", "GB", "KiB", "MiB", "GiB", ""};
    const std::vector<std::string> none = {"", "tokens"};
    const std::vector<std::string>& units = below(2) == 0 ? times : below(4) == 0 ? none : sizes;
    Settings settings = {one_of(units),
                         {one_of(units), static_cast<int>(below(10)), below(2) == 0},
                         below(2) == 0 ? ExcessDigits::reject : ExcessDigits::round,
                         below(2) == 0};
    if (settings.rules.unit.empty()) settings.rules.unit = units[&units == &none ? 1 : 0];
    return settings;
  }

 private:
  std::mt19937_64 random_;
};

std::string told(const std::string& text, const Settings& settings) {
  return "'" + text + "' in '" + settings.unit + "' as 10^-" +
         std::to_string(settings.rules.digits) + ' ' + settings.rules.unit;
}

TEST(QuantityDifferentialTest, NumbersOfAnyLengthAreReadAsArithmeticOnDigitsSays) {
  RandomNumbers numbers(1);
  std::map<Result, int> seen;
  for (int i = 0; i < swept(60'000); ++i) {
    const Settings settings = numbers.settings();
    const std::string text = numbers.number(i % 50 == 0 ? 60 : i % 3 == 0 ? 20 : 5);
    const Answer expected = slow_read(text, settings);
    ASSERT_EQ(read(text, settings), expected) << told(text, settings);
    ++seen[expected.result];
  }
  for (const Result result : {Result::good, Result::bad, Result::excess})
    EXPECT_GT(seen[result], swept(60'000) / 20);
}

/// Just at, below and above the middle between two quantities, in each pair of units.
TEST(QuantityDifferentialTest, HalvesAreFoundBehindAnyNumberOfDigits) {
  RandomNumbers numbers(2);
  for (int i = 0; i < swept(20'000); ++i) {
    Settings settings = numbers.settings();
    settings.excess = ExcessDigits::round;
    const std::string& unit = settings.unit.empty() ? settings.rules.unit : settings.unit;
    // (2n + 1) / 2 quantities in the text's unit, where that is a decimal of 60 digits.
    const std::string odd = std::to_string(
        2 * (numbers.below(4) == 0 ? numbers.below(1'000'000'000'000'000) : numbers.below(1'000)) +
        1);
    const std::string digits(60, '0');
    const std::string dividend =
        product_of(product_of(odd, kFactors.at(settings.rules.unit)), "5") + digits;
    const Division half = divide(dividend, kFactors.at(unit));
    std::string middle = std::string(80, '0') + half.quotient;
    middle.insert(middle.size() - 61 - static_cast<std::size_t>(settings.rules.digits), ".");
    for (const std::string& text : {middle, middle + "1", middle.substr(0, middle.size() - 1)}) {
      ASSERT_EQ(read(text, settings), slow_read(text, settings)) << told(text, settings);
    }
  }
}

TEST(QuantityDifferentialTest, SumsAndDifferencesAreExact) {
  RandomNumbers numbers(3);
  for (int i = 0; i < swept(30'000); ++i) {
    Settings left = numbers.settings();
    Settings right = left;
    if (numbers.below(2) == 0) right.unit = "";
    const std::string a = numbers.number(8);
    const std::string b = numbers.below(4) == 0 ? a : numbers.number(8);
    const auto x = number_of(a, left.has_exponents);
    const auto y = number_of(b, left.has_exponents);
    const auto is_taken = [&](const std::optional<Number>& number) {
      return number && (!number->is_negative || left.rules.negative);
    };
    ExactDecimal sum;
    ExactDecimal part;
    const bool has_a = left.reader().read_exact(a, sum);
    const bool has_b = right.reader().read_exact(b, part);
    // With those of 2^30 a number may have more than kExactDigits.
    ASSERT_TRUE(has_a == is_taken(x) || x->digits.size() > 27) << told(a, left);
    ASSERT_TRUE(has_b == is_taken(y) || y->digits.size() > 27) << told(b, right);
    if (!has_a || !has_b) continue;
    part.negate();
    if (!sum.add(part)) {
      const int apart = std::abs(x->exponent - y->exponent);
      ASSERT_GT(apart + static_cast<int>(std::max(x->digits.size(), y->digits.size())), 24)
          << told(a, left) << " - " << told(b, right);
      continue;
    }
    const auto scaled = [&](const Number& number, const Settings& settings, int exponent) {
      const std::string& unit = settings.unit.empty() ? settings.rules.unit : settings.unit;
      if (number.digits.empty()) return std::string();
      return product_of(number.digits, kFactors.at(unit)) +
             std::string(static_cast<std::size_t>(number.exponent - exponent), '0');
    };
    const int exponent = std::min(x->exponent, y->exponent);
    const std::string p = scaled(*x, left, exponent);
    const std::string q = scaled(*y, right, exponent);
    const bool is_sum = x->is_negative != y->is_negative;
    const bool is_p_less = is_less(p, q);
    const std::string digits = is_sum      ? sum_of(p, q)
                               : is_p_less ? difference_of(q, p)
                                           : difference_of(p, q);
    const bool is_negative =
        !digits.empty() && (is_sum ? x->is_negative : x->is_negative != is_p_less);
    const Answer expected = is_negative && !left.rules.negative
                                ? Answer{Result::bad, 0}
                                : settle(is_negative, digits, exponent, left);
    Answer answer = {Result::bad, 0};
    answer.result = left.reader().finish(sum, answer.quantity);
    if (answer.result != Result::good) answer.quantity = 0;
    ASSERT_EQ(answer, expected) << told(a, left) << " - " << told(b, right);
  }
}

}  // namespace
}  // namespace billing
