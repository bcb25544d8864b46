#include "naive/record_parser.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>

#include "naive/ascii.h"
#include "naive/unicode.h"

namespace billing::naive {
namespace {

constexpr std::size_t kFieldCount = 5;
constexpr std::size_t kLongestDurationDigits = 15;

/// Cuts the next field off `text`, which has no blanks around it. At the end of the text: an empty
/// field that stands one past its last byte.
std::string_view take_field(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && !is_blank(text[size])) ++size;
  const std::string_view field = text.substr(0, size);
  text.remove_prefix(size);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return field;
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
std::optional<std::int64_t> parse_date(std::string_view text) {
  const std::chrono::year_month_day date{
      std::chrono::year{static_cast<int>(number(text.substr(0, 4)))},
      std::chrono::month{static_cast<unsigned>(number(text.substr(5, 2)))},
      std::chrono::day{static_cast<unsigned>(number(text.substr(8, 2)))}};
  constexpr std::chrono::year kFirst{1970};
  constexpr std::chrono::year kLast{2261};  // the last whole year that nanoseconds in 64 bits reach
  if (!date.ok() || date.year() < kFirst || date.year() > kLast) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

/// Cuts `.` and one to nine digits off `text`; where there is no `.`: 0.
std::optional<std::int64_t> take_fraction_ns(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  std::int64_t fraction_ns = number(digits);
  for (std::size_t i = digits.size(); i < 9; ++i) fraction_ns *= 10;
  return fraction_ns;
}

/// `Z` or an offset `±HH:MM`: by how much local clocks are ahead of UTC.
std::optional<std::int64_t> parse_offset_s(std::string_view text) {
  if (text == "Z") return 0;
  if (!looks_like(text, "+00:00") && !looks_like(text, "-00:00")) return std::nullopt;
  const std::int64_t hours = number(text.substr(1, 2));
  const std::int64_t minutes = number(text.substr(4, 2));
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::int64_t offset_s = hours * 3600 + minutes * 60;
  return text.front() == '-' ? -offset_s : offset_s;
}

std::optional<std::int64_t> parse_time_ns(std::string_view text) {
  constexpr std::string_view kPattern = "0000-00-00T00:00:00";
  if (!looks_like(text.substr(0, kPattern.size()), kPattern)) return std::nullopt;
  const auto days = parse_date(text.substr(0, 10));
  const std::int64_t hour = number(text.substr(11, 2));
  const std::int64_t minute = number(text.substr(14, 2));
  const std::int64_t second = number(text.substr(17, 2));
  if (!days || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  text.remove_prefix(kPattern.size());
  const auto fraction_ns = take_fraction_ns(text);
  if (!fraction_ns) return std::nullopt;
  const auto offset_s = parse_offset_s(text);
  if (!offset_s) return std::nullopt;
  const std::int64_t time_s = *days * 86400 + hour * 3600 + minute * 60 + second - *offset_s;
  return time_s * 1'000'000'000 + *fraction_ns;
}

std::optional<std::uint16_t> parse_status(std::string_view text) {
  if (!looks_like(text, "000")) return std::nullopt;
  const std::int64_t status = number(text);
  if (status < 100 || status > 599) return std::nullopt;
  return static_cast<std::uint16_t>(status);
}

std::optional<std::uint64_t> parse_duration_ms(std::string_view text) {
  const std::string_view digits = take_digits(text);
  if (digits.empty() || digits.size() > kLongestDurationDigits || text != "ms") return std::nullopt;
  return static_cast<std::uint64_t>(number(digits));
}

}  // namespace

std::uint32_t column_of(std::string_view line, std::string_view field) {
  const auto column = static_cast<std::uint64_t>(field.data() - line.data()) + 1;
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min(column, kLast));
}

Record parse_record(std::string_view line, int digits) {
  std::string_view rest = trimmed(line);
  if (rest.empty()) return Blank{};
  std::array<std::string_view, kFieldCount> fields;
  for (std::string_view& field : fields) field = take_field(rest);
  const auto flaw = [line](RejectReason reason, std::string_view field) {
    return Flaw{reason, column_of(line, field)};
  };
  // With too many fields `rest` begins at the sixth; with too few it is the end of the text.
  if (fields.back().empty() || !rest.empty()) return flaw(RejectReason::field_count, rest);

  const auto& [time, user, task, status, duration] = fields;
  const auto time_ns = parse_time_ns(time);
  if (!time_ns) return flaw(RejectReason::bad_time, time);
  if (!is_name(user)) return flaw(RejectReason::bad_user, user);
  if (!is_name(task)) return flaw(RejectReason::bad_task, task);
  const auto status_code = parse_status(status);
  if (!status_code) return flaw(RejectReason::bad_status, status);
  const auto duration_ms = parse_duration_ms(duration);
  if (!duration_ms) return flaw(RejectReason::bad_duration, duration);
  std::int64_t quantity = static_cast<std::int64_t>(*duration_ms);
  for (int digit = 0; digit < digits; ++digit) {
    quantity *= 10;  // it fits: by a digit beyond the bound at most
    if (quantity > kMaxQuantity) return flaw(RejectReason::bad_duration, duration);
  }
  return Event{*time_ns, user, task, *status_code, quantity};
}

}  // namespace billing::naive
