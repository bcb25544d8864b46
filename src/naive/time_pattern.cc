// Times by a pattern as of strptime, e.g. `%d.%m.%Y %H:%M`.

#include <string>

#include "base/escape_text.h"
#include "base/lower_case.h"
#include "billing/error.h"
#include "naive/ascii.h"
#include "naive/time_forms.h"

namespace billing::naive {
namespace {

/// Cuts one or two digits off, a number of `least` to `most`.
template <class Int>
bool take_number(std::string_view& text, int least, int most, Int& value) {
  const std::string_view digits = take_digits(text, 2);
  const std::int64_t found = number(digits);
  if (digits.empty() || found < least || found > most) return false;
  value = static_cast<Int>(found);
  return true;
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// What a pattern finds in a text.
struct Found {
  WrittenTime time;
  int hour = 0;
  int hour_of_12 = 0;
  bool is_afternoon = false;
  int minute = 0;
  int second = 0;

  bool take_year(std::string_view& text, std::size_t digits) {
    const std::string_view year = take_digits(text, digits);
    if (year.size() != digits) return false;
    time.year = static_cast<int>(number(year));
    if (digits == 2) time.year += time.year < 69 ? 2000 : 1900;
    return true;
  }

  bool take_fraction(std::string_view& text) {
    const std::string_view digits = take_digits(text, 9);
    time.fraction_ns = number(digits);
    for (std::size_t i = digits.size(); i < 9; ++i) time.fraction_ns *= 10;
    return !digits.empty();
  }

  bool take_half(std::string_view& text) {
    const std::string word = lower_case(text.substr(0, 2));
    if (word != "am" && word != "pm") return false;
    is_afternoon = word == "pm";
    text.remove_prefix(2);
    return true;
  }

  bool take_offset(std::string_view& text) {
    time.offset_s = take_word(text, "Z") ? 0 : take_offset_s(text);
    return time.offset_s.has_value();
  }

  bool take_zone_name(std::string_view& text) {
    time.offset_s = 0;
    return take_word(text, "UTC") || take_word(text, "GMT");
  }

  /// What stands behind a `%`.
  bool take(char code, std::string_view& text) {
    switch (code) {
      case 'Y':
        return take_year(text, 4);
      case 'y':
        return take_year(text, 2);
      case 'm':
        return take_number(text, 1, 12, time.month);
      case 'd':
        return take_number(text, 1, 31, time.day);
      case 'H':
        return take_number(text, 0, 23, hour);
      case 'I':
        return take_number(text, 1, 12, hour_of_12);
      case 'M':
        return take_number(text, 0, 59, minute);
      case 'S':
        return take_number(text, 0, 59, second);
      case 'f':
        return take_fraction(text);
      case 'b':
      case 'B':
        time.month = take_month(text);
        return time.month != 0;
      case 'a':
      case 'A':
        return take_weekday(text);
      case 'p':
        return take_half(text);
      case 'z':
        return take_offset(text);
      case 'Z':
        return take_zone_name(text);
      default:
        return take_word(text, "%");
    }
  }
};

class TimePattern final : public TimeForm {
 public:
  explicit TimePattern(std::string_view pattern) : pattern_(pattern) {
    std::string codes;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '%') continue;
      if (++i == pattern.size()) fail("ends with %");
      if (std::string_view("YymdHIMSfbBaApzZ%").find(pattern[i]) == std::string_view::npos) {
        fail("knows no " + quoted_text(pattern.substr(i - 1, 2)));
      }
      codes += pattern[i];
    }
    const auto has = [&](std::string_view any) { return codes.find_first_of(any) != codes.npos; };
    if (!has("Yy") || !has("mbB") || !has("d")) fail("needs a year, a month and a day");
    if (has("I") && !has("p")) fail("needs %p with %I");
    has_hour_of_12_ = has("I");
    has_hour_ = has("HI");
  }

  std::optional<std::int64_t> parse_ns(std::string_view text,
                                       const LocalZone& zone) const override {
    Found found;
    if (!match(text, found)) return std::nullopt;
    if (has_hour_) {
      if (has_hour_of_12_) found.hour = found.hour_of_12 % 12 + (found.is_afternoon ? 12 : 0);
      found.time.second_of_day = found.hour * 3600 + found.minute * 60 + found.second;
    }
    return instant_ns(found.time, zone);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::configuration,
                "\1time: the pattern " + quoted_text(pattern_) + ' ' + what);
  }

  bool match(std::string_view text, Found& found) const {
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      if (pattern_[i] == '%') {
        if (!found.take(pattern_[++i], text)) return false;
      } else if (pattern_[i] == ' ') {
        // Of a row of spaces each wants one; the last takes all that are left.
        if (!take_word(text, " ")) return false;
        const bool is_last = i + 1 == pattern_.size() || pattern_[i + 1] != ' ';
        while (is_last && take_word(text, " ")) continue;
      } else if (!take_word(text, std::string_view(pattern_).substr(i, 1))) {
        return false;
      }
    }
    return text.empty();
  }

  std::string pattern_;
  bool has_hour_ = false;
  bool has_hour_of_12_ = false;
};

}  // namespace

std::unique_ptr<const TimeForm> make_time_pattern(std::string_view pattern) {
  return std::make_unique<TimePattern>(pattern);
}

}  // namespace billing::naive
