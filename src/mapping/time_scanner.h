#pragma once

// The pieces that times are written of, taken off a text one by one.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/civil_time.h"
#include "mapping/local_time.h"

namespace billing {

/// A time as written, and where clocks showed it: at an offset from UTC, else in the reader's zone.
struct WrittenTime {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t fraction_ns = 0;
  std::optional<std::int64_t> offset_s = std::nullopt;
};

/// Its instant; false where there is no such time. Only years, months and days are looked at: the
/// rest is within its limits.
bool find_instant(const WrittenTime& time, const LocalTime& local, std::int64_t& time_ns);

/// Each member that takes something returns whether it was there; after a false the text that is
/// left may be anything.
class TimeScanner {
 public:
  explicit TimeScanner(std::string_view text) : left_(text) {}

  bool is_at_end() const { return left_.empty(); }
  char next() const { return left_.empty() ? '\0' : left_.front(); }
  bool has_digit() const { return next() >= '0' && next() <= '9'; }

  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }

  bool take_word(std::string_view word) {
    if (!left_.starts_with(word)) return false;
    left_.remove_prefix(word.size());
    return true;
  }

  /// The longest of `names` in any case; `index` is its place.
  template <class Names>
  bool take_name(const Names& names, int& index);

  /// As many digits as there are, from `least` to `most` (of at most 9).
  bool take_number(int least, int most, int& number);

  /// 1 to `most` digits as the fraction of a second; those behind the ninth must be 0.
  bool take_fraction(std::size_t most, std::int64_t& fraction_ns);

  /// `HH:MM:SS` of a time that exists.
  bool take_clock(WrittenTime& time);

  /// `±HH:MM`, `±HHMM`, `±HH` up to 23:59.
  bool take_offset(std::optional<std::int64_t>& offset_s);

 private:
  std::string_view left_;
};

constexpr char lower_letter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <class Names>
bool TimeScanner::take_name(const Names& names, int& index) {
  std::size_t longest = 0;
  int place = 0;
  for (const std::string_view name : names) {
    std::size_t same = 0;
    while (same < name.size() && same < left_.size() &&
           lower_letter(left_[same]) == lower_letter(name[same]))
      ++same;
    if (same == name.size() && same > longest) {
      longest = same;
      index = place;
    }
    ++place;
  }
  left_.remove_prefix(longest);
  return longest != 0;
}

}  // namespace billing
