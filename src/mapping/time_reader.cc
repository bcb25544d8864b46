#include "mapping/time_reader.h"

#include <array>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "mapping/time_scanner.h"

namespace billing {

struct TimeReader::NamedKind {
  std::string_view name;
  Kind kind;
};

namespace {

constexpr std::uint64_t kEndOfTime_s =
    static_cast<std::uint64_t>(days_from_civil({kLastYear + 1, 1, 1}) * kSecondsPerDay);

/// The digits at the front of `text`, at most those that 64 bits hold. Eight at a time as long as
/// there are so many.
bool take_digits(std::string_view& text, std::uint64_t& number) {
  using namespace digit_word;
  const std::size_t before = text.size();
  while (!text.empty() && text.front() == '0') text.remove_prefix(1);
  const std::size_t zeros = before - text.size();
  std::size_t digits = 0;
  number = 0;
  for (; text.size() - digits >= 8 && digits < 16; digits += 8) {
    const std::uint64_t word = load<std::uint64_t>(text.data() + digits) ^ kZeros;
    if (not_digits(word) != 0) break;
    number = number * 100'000'000 + number_of(word);
  }
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits == 19) return false;
    number = number * 10 + static_cast<std::uint64_t>(text[digits] - '0');
  }
  text.remove_prefix(digits);
  return zeros + digits != 0;
}

/// The instant of a decimal of which one is `unit_ns`, 10^`unit_digits`, nanoseconds.
bool read_unix(std::string_view text, std::size_t unit_digits, std::uint64_t unit_ns,
               std::int64_t& time_ns) {
  std::uint64_t whole = 0;
  if (!take_digits(text, whole)) return false;
  if (whole >= kEndOfTime_s * (kNanosecondsPerSecond / unit_ns)) return false;
  std::uint64_t fraction_ns = 0;
  if (!text.empty()) {
    if (text.front() != '.' || text.size() == 1) return false;
    text.remove_prefix(1);
    std::uint64_t place_ns = unit_ns;
    std::size_t digits = 0;
    for (; digits < text.size(); ++digits) {
      const auto digit = static_cast<unsigned char>(text[digits] - '0');
      if (digit > 9 || (digits >= unit_digits && digit != 0)) return false;
      place_ns /= 10;
      fraction_ns += place_ns * digit;
    }
  }
  time_ns = static_cast<std::int64_t>(whole * unit_ns + fraction_ns);
  return true;
}

bool read_unix_s(std::string_view text, std::int64_t& time_ns) {
  return read_unix(text, 9, 1'000'000'000, time_ns);
}
bool read_unix_ms(std::string_view text, std::int64_t& time_ns) {
  return read_unix(text, 6, 1'000'000, time_ns);
}
bool read_unix_us(std::string_view text, std::int64_t& time_ns) {
  return read_unix(text, 3, 1'000, time_ns);
}
bool read_unix_ns(std::string_view text, std::int64_t& time_ns) {
  return read_unix(text, 0, 1, time_ns);
}

/// A number of which nobody says what it counts: sizes do not overlap, as 10^8 s is in 1973 and
/// 10^10 s in 2286.
bool read_unix_by_size(std::string_view text, std::int64_t& time_ns) {
  constexpr std::array<std::uint64_t, 8> kLimits = {100'000'000,
                                                    10'000'000'000,
                                                    100'000'000'000,
                                                    10'000'000'000'000,
                                                    100'000'000'000'000,
                                                    10'000'000'000'000'000,
                                                    100'000'000'000'000'000,
                                                    10'000'000'000'000'000'000U};
  std::string_view rest = text;
  std::uint64_t whole = 0;
  if (!take_digits(rest, whole)) return false;
  if (whole < kLimits[0]) return false;
  if (whole < kLimits[1]) return read_unix_s(text, time_ns);
  if (whole < kLimits[2]) return false;
  if (whole < kLimits[3]) return read_unix_ms(text, time_ns);
  if (whole < kLimits[4]) return false;
  if (whole < kLimits[5]) return read_unix_us(text, time_ns);
  return whole >= kLimits[6] && whole < kLimits[7] && read_unix_ns(text, time_ns);
}

/// What may stand behind the seconds: a fraction, then nothing or an offset with a space before it.
bool take_rest_of_rfc3339(TimeScanner& text, WrittenTime& time) {
  constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);
  if ((text.take('.') || text.take(',')) && !text.take_fraction(kAnyNumber, time.fraction_ns))
    return false;
  if (text.is_at_end()) return true;
  text.take(' ');
  if (text.take('Z') || text.take('z') || text.take_word("UTC") || text.take_word("GMT")) {
    time.offset_s = 0;
    return true;
  }
  return text.take_offset(time.offset_s);
}

}  // namespace

const TimeReader::NamedKind* TimeReader::find_kind(std::string_view name) {
  static constexpr std::array<NamedKind, 7> kKinds = {{{"auto", Kind::any},
                                                       {"rfc3339", Kind::rfc3339},
                                                       {"clf", Kind::clf},
                                                       {"unix", Kind::unix_s},
                                                       {"unix_ms", Kind::unix_ms},
                                                       {"unix_us", Kind::unix_us},
                                                       {"unix_ns", Kind::unix_ns}}};
  for (const NamedKind& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

TimeReader::Kind TimeReader::kind_of(std::string_view name) {
  if (name.empty()) return Kind::any;
  if (name.find('%') != std::string_view::npos) return Kind::pattern;
  if (const NamedKind* const kind = find_kind(name)) return kind->kind;
  static constexpr std::array<std::string_view, 7> kNames = {"auto",    "rfc3339", "clf",    "unix",
                                                             "unix_ms", "unix_us", "unix_ns"};
  throw Error(ErrorKind::configuration,
              "unknown kind of time " + quoted_text(name) +
                  "; use auto, rfc3339, clf, unix, unix_ms, unix_us, unix_ns or a pattern such as "
                  "%Y-%m-%d %H:%M:%S" +
                  did_you_mean(name, kNames));
}

bool is_time_kind(std::string_view text) {
  return text.find('%') != std::string_view::npos || TimeReader::find_kind(text) != nullptr;
}

TimeReader::TimeReader(std::string_view kind, const std::string& zone)
    : kind_(kind_of(kind)), local_(TimeZone(zone)) {
  if (kind_ == Kind::pattern) pattern_.emplace(kind);
}

bool TimeReader::read_careful(std::string_view text, std::int64_t& time_ns) const {
  switch (kind_) {
    case Kind::any:
      if (text.size() > 4 && text[4] == '-') return read_any_rfc3339(text, time_ns);
      return read_unix_by_size(text, time_ns);
    case Kind::rfc3339:
      return read_any_rfc3339(text, time_ns);
    case Kind::clf:
      return civil_word::read_clf(text, time_ns);
    case Kind::unix_s:
      return read_unix_s(text, time_ns);
    case Kind::unix_ms:
      return read_unix_ms(text, time_ns);
    case Kind::unix_us:
      return read_unix_us(text, time_ns);
    case Kind::unix_ns:
      return read_unix_ns(text, time_ns);
    case Kind::pattern:
      return read_pattern(text, time_ns);
  }
  return false;
}

bool TimeReader::read_any_rfc3339(std::string_view text, std::int64_t& time_ns) const {
  TimeScanner scanner(text);
  WrittenTime time;
  if (!scanner.take_number(4, 4, time.year) || !scanner.take('-') ||
      !scanner.take_number(2, 2, time.month) || !scanner.take('-') ||
      !scanner.take_number(2, 2, time.day)) {
    return false;
  }
  if (!scanner.is_at_end()) {
    if (!scanner.take('T') && !scanner.take(' ') && !scanner.take('t') && !scanner.take('_'))
      return false;
    if (!scanner.take_clock(time) || !take_rest_of_rfc3339(scanner, time)) return false;
    if (!scanner.is_at_end()) return false;
  }
  return find_instant(time, local_, time_ns);
}

bool TimeReader::read_pattern(std::string_view text, std::int64_t& time_ns) const {
  WrittenTime time;
  return pattern_->read(text, time) && find_instant(time, local_, time_ns);
}

}  // namespace billing
