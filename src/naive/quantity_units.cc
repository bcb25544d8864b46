#include "naive/quantity_units.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "naive/ascii.h"

namespace billing::naive {
namespace {

struct NamedUnit {
  std::string_view name;
  Unit unit;
  bool is_of_selectors;  ///< else only a word behind a number
};

constexpr std::uint64_t kSecond = 1'000'000'000;

constexpr Unit time_unit(std::uint64_t nanoseconds) { return {Unit::Kind::time, nanoseconds}; }
constexpr Unit size_unit(std::uint64_t bytes) { return {Unit::Kind::size, bytes}; }

constexpr std::array kUnits{
    NamedUnit{"ns", time_unit(1), true},
    NamedUnit{"us", time_unit(1'000), true},
    NamedUnit{"ms", time_unit(1'000'000), true},
    NamedUnit{"s", time_unit(kSecond), true},
    NamedUnit{"m", time_unit(60 * kSecond), true},
    NamedUnit{"min", time_unit(60 * kSecond), true},
    NamedUnit{"h", time_unit(3600 * kSecond), true},
    NamedUnit{"B", size_unit(1), true},
    NamedUnit{"kB", size_unit(1'000), true},
    NamedUnit{"MB", size_unit(1'000'000), true},
    NamedUnit{"GB", size_unit(1'000'000'000), true},
    NamedUnit{"KiB", size_unit(1ull << 10), true},
    NamedUnit{"MiB", size_unit(1ull << 20), true},
    NamedUnit{"GiB", size_unit(1ull << 30), true},
    NamedUnit{"nsec", time_unit(1), false},
    NamedUnit{"nsecs", time_unit(1), false},
    NamedUnit{"nanos", time_unit(1), false},
    NamedUnit{"\xC2\xB5s", time_unit(1'000), false},  // U+00B5, the micro sign
    NamedUnit{"\xCE\xBCs", time_unit(1'000), false},  // U+03BC, the Greek letter
    NamedUnit{"usec", time_unit(1'000), false},
    NamedUnit{"usecs", time_unit(1'000), false},
    NamedUnit{"micros", time_unit(1'000), false},
    NamedUnit{"msec", time_unit(1'000'000), false},
    NamedUnit{"msecs", time_unit(1'000'000), false},
    NamedUnit{"millis", time_unit(1'000'000), false},
    NamedUnit{"sec", time_unit(kSecond), false},
    NamedUnit{"secs", time_unit(kSecond), false},
    NamedUnit{"mins", time_unit(60 * kSecond), false},
    NamedUnit{"hr", time_unit(3600 * kSecond), false},
    NamedUnit{"hrs", time_unit(3600 * kSecond), false},
};

std::optional<Unit> find(std::string_view name, bool is_word) {
  for (const NamedUnit& each : kUnits) {
    if (each.name == name && (is_word || each.is_of_selectors)) return each.unit;
  }
  return std::nullopt;
}

bool is_of_number(char c) { return is_digit(c) || c == '.' || c == ','; }

/// Cuts off what stands before the first byte for which `ends` holds.
template <class Ends>
std::string_view take_until(std::string_view& text, Ends ends) {
  const auto size =
      static_cast<std::size_t>(std::find_if(text.begin(), text.end(), ends) - text.begin());
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

void skip_spaces(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
}

}  // namespace

std::optional<Unit> unit_called(std::string_view name) { return find(name, false); }

std::optional<Decimal> parse_with_units(std::string_view text, Unit::Kind kind,
                                        const DecimalRules& rules, bool is_part) {
  const bool is_negative = rules.negative && text.starts_with('-');
  if (is_negative || (rules.has_exponent && text.starts_with('+'))) text.remove_prefix(1);
  const DecimalRules plain{false, rules.has_comma, false};
  std::optional<Decimal> total;
  do {
    const auto count =
        parse_decimal(take_until(text, [](char c) { return !is_of_number(c); }), plain);
    skip_spaces(text);
    const std::string_view word =
        take_until(text, [](char c) { return c == ' ' || is_of_number(c); });
    const auto unit = find(word, true);
    if (!count || !unit || unit->kind != kind) return std::nullopt;
    const Decimal part = times(*count, unit->factor);
    const bool is_only = !is_part && !total && text.empty();
    if (!is_only && (!fits_sum(*count) || !fits_sum(part))) return std::nullopt;
    total = is_only ? part : bounded_sum(total.value_or(Decimal{}), part);
    if (!total || text.empty()) break;
    skip_spaces(text);
  } while (true);
  if (total) total->is_negative = is_negative && !total->digits.empty();
  return total;
}

}  // namespace billing::naive
