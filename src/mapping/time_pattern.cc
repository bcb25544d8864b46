#include "mapping/time_pattern.h"

#include <array>
#include <limits>
#include <string>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr std::array<std::string_view, 24> kMonths = {
    "Jan", "Feb",  "Mar",  "Apr",    "May",       "Jun",      "Jul",      "Aug",
    "Sep", "Oct",  "Nov",  "Dec",    "January",   "February", "March",    "April",
    "May", "June", "July", "August", "September", "October",  "November", "December"};

constexpr std::array<std::string_view, 14> kWeekdays = {
    "Mon",    "Tue",     "Wed",       "Thu",      "Fri",    "Sat",      "Sun",
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

constexpr std::array<std::string_view, 2> kHalves = {"AM", "PM"};

constexpr std::string_view kDirectives = "YmdHIMSfbBaApyzZ";

/// What a directive tells; of each kind a pattern has one at most.
std::string_view told_by(char directive) {
  switch (directive) {
    case 'Y':
    case 'y':
      return "year";
    case 'm':
    case 'b':
    case 'B':
      return "month";
    case 'd':
      return "day";
    case 'H':
    case 'I':
      return "hour";
    case 'M':
      return "minute";
    case 'S':
      return "second";
    case 'f':
      return "fraction";
    case 'a':
    case 'A':
      return "weekday";
    case 'p':
      return "half of the day";
    default:
      return "offset";
  }
}

[[noreturn]] void fail_for(std::string_view pattern, const std::string& why) {
  throw Error(ErrorKind::configuration, "time pattern " + quoted_text(pattern) + ": " + why);
}

/// `directives`: the letters of those in the pattern.
void check_directives(std::string_view pattern, std::string_view directives) {
  const auto has = [&](std::string_view any) {
    return directives.find_first_of(any) != std::string_view::npos;
  };
  for (std::size_t i = 0; i < directives.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (told_by(directives[k]) != told_by(directives[i])) continue;
      fail_for(pattern, "tells the " + std::string(told_by(directives[i])) + " twice, by %" +
                            directives[k] + " and %" + directives[i]);
    }
  }
  if (!has("Yy")) fail_for(pattern, "has no year; add %Y or %y");
  if (!has("mbB")) fail_for(pattern, "has no month; add %m or %b");
  if (!has("d")) fail_for(pattern, "has no day; add %d");
  if (has("I") && !has("p")) fail_for(pattern, "%I needs %p; hours of 0 to 23 are %H");
  if (has("p") && !has("I")) fail_for(pattern, "%p needs %I");
}

}  // namespace

/// The hour by a clock of twelve; 0 where the pattern has none.
struct TimePattern::HalfDay {
  int hour = 0;
  int half = 0;
};

TimePattern::TimePattern(std::string_view pattern) {
  std::string directives;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == ' ') {
      if (pieces_.empty() || pieces_.back().directive != ' ') {
        pieces_.push_back({' ', ' ', 1});
      } else {
        ++pieces_.back().count;
      }
    } else if (pattern[i] != '%') {
      pieces_.push_back({'\'', pattern[i]});
    } else if (++i == pattern.size()) {
      fail_for(pattern, "ends with %; write %% for a percent sign");
    } else if (pattern[i] == '%') {
      pieces_.push_back({'\'', '%'});
    } else if (kDirectives.find(pattern[i]) == std::string_view::npos) {
      fail_for(pattern, "unknown %" + escaped_text(pattern.substr(i, 1)) +
                            "; there are %Y %y %m %b %B %d %H %I %p %M %S %f %z %Z %a %A %%");
    } else {
      pieces_.push_back({pattern[i]});
      directives += pattern[i];
    }
  }
  check_directives(pattern, directives);
}

bool TimePattern::read(std::string_view text, WrittenTime& time) const {
  TimeScanner scanner(text);
  HalfDay half;
  for (const Piece& piece : pieces_) {
    if (!read_piece(piece, scanner, time, half)) return false;
  }
  if (half.hour != 0) time.hour = half.hour % 12 + 12 * half.half;
  return scanner.is_at_end();
}

bool TimePattern::read_piece(const Piece& piece, TimeScanner& text, WrittenTime& time,
                             HalfDay& half) {
  int ignored = 0;
  switch (piece.directive) {
    case 'Y':
      return text.take_number(4, 4, time.year);
    case 'y':
      if (!text.take_number(2, 2, time.year)) return false;
      time.year += time.year >= 69 ? 1900 : 2000;
      return true;
    case 'm':
      return text.take_number(1, 2, time.month);
    case 'b':
    case 'B':
      if (!text.take_name(kMonths, time.month)) return false;
      time.month = time.month % 12 + 1;
      return true;
    case 'd':
      return text.take_number(1, 2, time.day);
    case 'H':
      return text.take_number(1, 2, time.hour) && time.hour <= 23;
    case 'I':
      return text.take_number(1, 2, half.hour) && half.hour >= 1 && half.hour <= 12;
    case 'p':
      return text.take_name(kHalves, half.half);
    case 'M':
      return text.take_number(1, 2, time.minute) && time.minute <= 59;
    case 'S':
      return text.take_number(1, 2, time.second) && time.second <= 59;
    case 'f':
      return text.take_fraction(9, time.fraction_ns);
    case 'a':
    case 'A':
      return text.take_name(kWeekdays, ignored);
    case 'z':
      time.offset_s = 0;
      return text.take('Z') || text.take_offset(time.offset_s);
    case 'Z':
      time.offset_s = 0;
      return text.take_word("UTC") || text.take_word("GMT");
    case ' ':
      for (std::size_t i = 0; i < piece.count; ++i) {
        if (!text.take(' ')) return false;
      }
      while (text.take(' ')) {
      }
      return true;
    default:
      return text.take(piece.literal);
  }
}

}  // namespace billing
