#include "naive/time_forms.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <string>

#include "base/lower_case.h"
#include "naive/ascii.h"

namespace billing::naive {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::int64_t kDay_s = 86'400;
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2261;  // the last whole year that nanoseconds in 64 bits reach

constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};

/// 1 for the first of the names or its first three letters, which are cut off; 0 for none.
template <std::size_t N>
int take_english(std::string_view& text, const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i) {
    for (const std::string_view name : {names[i], names[i].substr(0, 3)}) {
      if (lower_case(text.substr(0, name.size())) != name) continue;
      text.remove_prefix(name.size());
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

/// Days since 1970-01-01.
std::optional<std::int64_t> days_of(const WrittenTime& time) {
  const std::chrono::year_month_day date{std::chrono::year{time.year},
                                         std::chrono::month{static_cast<unsigned>(time.month)},
                                         std::chrono::day{static_cast<unsigned>(time.day)}};
  if (!date.ok() || time.year < kFirstYear || time.year > kLastYear) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

/// `00:00:00`, its seconds since midnight.
std::optional<std::int64_t> clock_s(std::string_view text) {
  if (!looks_like(text, "00:00:00")) return std::nullopt;
  const std::int64_t hour = number(text.substr(0, 2));
  const std::int64_t minute = number(text.substr(3, 2));
  const std::int64_t second = number(text.substr(6, 2));
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return hour * 3600 + minute * 60 + second;
}

/// The first `places` digits as an integer, as if zeros followed; nothing where more than zeros
/// follow them.
std::optional<std::int64_t> fraction_of(std::string_view digits, std::size_t places) {
  const std::string_view kept = digits.substr(0, places);
  const std::string_view beyond = digits.substr(kept.size());
  if (beyond.find_first_not_of('0') != beyond.npos) return std::nullopt;
  std::int64_t fraction = number(kept);
  for (std::size_t i = kept.size(); i < places; ++i) fraction *= 10;
  return fraction;
}

/// `2025-05-02T23:16:50.25+02:00` and what it may lack.
class Rfc3339 final : public TimeForm {
 public:
  std::optional<std::int64_t> parse_ns(std::string_view text,
                                       const LocalZone& zone) const override {
    if (!looks_like(text.substr(0, 10), "0000-00-00")) return std::nullopt;
    WrittenTime time;
    time.year = static_cast<int>(number(text.substr(0, 4)));
    time.month = static_cast<int>(number(text.substr(5, 2)));
    time.day = static_cast<int>(number(text.substr(8, 2)));
    text.remove_prefix(10);
    if (!text.empty()) {
      if (std::string_view("Tt _").find(text.front()) == std::string_view::npos) {
        return std::nullopt;
      }
      time.second_of_day = clock_s(text.substr(1, 8));
      if (!time.second_of_day) return std::nullopt;
      text.remove_prefix(9);
      if (!take_fraction(text, time) || !take_zone(text, time)) return std::nullopt;
    }
    return instant_ns(time, zone);
  }

 private:
  static bool take_fraction(std::string_view& text, WrittenTime& time) {
    if (text.empty() || (text.front() != '.' && text.front() != ',')) return true;
    text.remove_prefix(1);
    const std::string_view digits = take_digits(text);
    const auto fraction_ns = fraction_of(digits, 9);
    if (digits.empty() || !fraction_ns) return false;
    time.fraction_ns = *fraction_ns;
    return true;
  }

  static bool take_zone(std::string_view text, WrittenTime& time) {
    if (text.empty()) return true;
    if (text.front() == ' ') text.remove_prefix(1);
    if (text == "Z" || text == "z" || text == "UTC" || text == "GMT") {
      time.offset_s = 0;
      return true;
    }
    time.offset_s = take_offset_s(text);
    return time.offset_s && text.empty();
  }
};

/// `10/Oct/2025:13:55:36 -0700`
class CommonLog final : public TimeForm {
 public:
  std::optional<std::int64_t> parse_ns(std::string_view text,
                                       const LocalZone& zone) const override {
    if (!looks_like(text.substr(0, 21), "00/AAA/0000:00:00:00 ")) return std::nullopt;
    constexpr std::array<std::string_view, 12> kNames{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto* const month = std::find(kNames.begin(), kNames.end(), text.substr(3, 3));
    if (month == kNames.end()) return std::nullopt;
    WrittenTime time;
    time.year = static_cast<int>(number(text.substr(7, 4)));
    time.month = static_cast<int>(month - kNames.begin()) + 1;
    time.day = static_cast<int>(number(text.substr(0, 2)));
    time.second_of_day = clock_s(text.substr(12, 8));
    const std::string_view offset = text.substr(21);
    if (!looks_like(offset, "+0000") && !looks_like(offset, "-0000")) return std::nullopt;
    std::string_view rest = offset;
    time.offset_s = take_offset_s(rest);
    if (!time.second_of_day || !time.offset_s) return std::nullopt;
    return instant_ns(time, zone);
  }
};

/// `1693840791.75`: a decimal of seconds, or of 10^-power of them.
std::optional<std::int64_t> unix_ns(std::string_view text, std::size_t power) {
  std::string_view whole = take_digits(text);
  if (whole.empty()) return std::nullopt;
  std::string_view digits;
  if (!text.empty()) {
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
    digits = take_digits(text);
    if (digits.empty() || !text.empty()) return std::nullopt;
  }
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  constexpr std::size_t kLongest = 19;  // the last instant as nanoseconds
  if (whole.size() + 9 - power > kLongest) return std::nullopt;
  std::uint64_t time_ns = 0;
  for (const char digit : whole) time_ns = 10 * time_ns + static_cast<std::uint64_t>(digit - '0');
  for (std::size_t i = power; i < 9; ++i) time_ns *= 10;
  const auto fraction_ns = fraction_of(digits, 9 - power);
  if (!fraction_ns) return std::nullopt;
  constexpr std::uint64_t kYear2262_ns = std::uint64_t{9'214'646'400} * kSecond_ns;
  if (time_ns >= kYear2262_ns) return std::nullopt;
  return static_cast<std::int64_t>(time_ns) + *fraction_ns;
}

class Unix final : public TimeForm {
 public:
  /// Counts 10^-power seconds.
  explicit Unix(std::size_t power) : power_(power) {}
  std::optional<std::int64_t> parse_ns(std::string_view text, const LocalZone&) const override {
    return unix_ns(text, power_);
  }

 private:
  std::size_t power_;
};

/// Whatever of these it is; a number's unit is known by its size.
class Auto final : public TimeForm {
 public:
  std::optional<std::int64_t> parse_ns(std::string_view text,
                                       const LocalZone& zone) const override {
    const std::string_view whole = text.substr(0, text.find('.'));
    if (std::all_of(whole.begin(), whole.end(), is_digit)) {
      const std::size_t begin = std::min(whole.find_first_not_of('0'), whole.size());
      switch (whole.size() - begin) {
        case 9:
        case 10:
          return unix_ns(text, 0);
        case 12:
        case 13:
          return unix_ns(text, 3);
        case 15:
        case 16:
          return unix_ns(text, 6);
        case 18:
        case 19:
          return unix_ns(text, 9);
        default:
          return std::nullopt;
      }
    }
    if (const auto time_ns = Rfc3339().parse_ns(text, zone)) return time_ns;
    return CommonLog().parse_ns(text, zone);
  }
};

}  // namespace

int take_month(std::string_view& text) { return take_english(text, kMonths); }

bool take_weekday(std::string_view& text) { return take_english(text, kWeekdays) != 0; }

std::optional<std::int64_t> take_offset_s(std::string_view& text) {
  for (const std::string_view form : {"00:00", "0000", "00"}) {
    const std::string_view digits = text.substr(std::min<std::size_t>(1, text.size()), form.size());
    if (!looks_like(digits, form) || (text[0] != '+' && text[0] != '-')) continue;
    const std::int64_t hours = number(digits.substr(0, 2));
    const std::int64_t minutes = form.size() > 2 ? number(digits.substr(digits.size() - 2)) : 0;
    if (hours > 23 || minutes > 59) return std::nullopt;
    const std::int64_t offset_s = hours * 3600 + minutes * 60;
    const bool is_behind = text[0] == '-';
    text.remove_prefix(1 + form.size());
    return is_behind ? -offset_s : offset_s;
  }
  return std::nullopt;
}

std::optional<std::int64_t> instant_ns(const WrittenTime& time, const LocalZone& zone) {
  const auto days = days_of(time);
  if (!days) return std::nullopt;
  const std::int64_t local_s = *days * kDay_s + time.second_of_day.value_or(0);
  std::optional<std::int64_t> instant_s;
  if (time.offset_s) {
    instant_s = local_s - *time.offset_s;
  } else if (time.second_of_day) {
    instant_s = zone.instant_s(local_s);
  } else {
    instant_s = zone.first_instant_s(*days);
  }
  if (!instant_s) return std::nullopt;
  return *instant_s * kSecond_ns + time.fraction_ns;
}

bool is_time_kind(std::string_view kind) {
  constexpr std::array<std::string_view, 7> kKinds{"auto",    "rfc3339", "clf",    "unix",
                                                   "unix_ms", "unix_us", "unix_ns"};
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

std::unique_ptr<const TimeForm> make_time_form(std::string_view kind) {
  if (kind == "auto") return std::make_unique<Auto>();
  if (kind == "rfc3339") return std::make_unique<Rfc3339>();
  if (kind == "clf") return std::make_unique<CommonLog>();
  if (kind == "unix") return std::make_unique<Unix>(0);
  if (kind == "unix_ms") return std::make_unique<Unix>(3);
  if (kind == "unix_us") return std::make_unique<Unix>(6);
  if (kind == "unix_ns") return std::make_unique<Unix>(9);
  return make_time_pattern(kind);
}

}  // namespace billing::naive
