#include "naive/record_parser.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>

namespace billing::naive {
namespace {

constexpr std::size_t kFieldCount = 5;
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kLongestDurationDigits = 15;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

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

/// Where `0` stands in the pattern the text must have a digit, elsewhere the pattern's own byte.
bool looks_like(std::string_view text, std::string_view pattern) {
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(),
                    [](char c, char p) { return p == '0' ? is_digit(c) : c == p; });
}

/// `digits` holds digits only, so few that the number fits.
std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value;
}

std::string_view take_digits(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
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

/// Cuts one UTF-8 sequence off `text`, which is not empty:
///
///     0xxxxxxx   110xxxxx 10xxxxxx   1110xxxx 10xxxxxx ...   11110xxx 10xxxxxx ... ...
///
/// Nothing where it is not the shortest form of a Unicode scalar value.
std::optional<std::uint32_t> take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(text[i]);
  };
  const std::uint32_t lead = byte(0);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const bool is_lead = lead < 0x80 || (lead >= 0xC0 && lead < 0xF8);
  if (!is_lead || text.size() < size) return std::nullopt;
  std::uint32_t code = size == 1 ? lead : lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = (code << 6) | (byte(i) & 0x3F);
  }
  constexpr std::array<std::uint32_t, 5> kSmallestOfSize{0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallestOfSize[size] || code > 0x10FFFF || is_surrogate) return std::nullopt;
  text.remove_prefix(size);
  return code;
}

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7F && code <= 0x9F); }

/// `text` is not empty.
bool is_name(std::string_view text) {
  if (text.size() > kMaxNameBytes) return false;
  while (!text.empty()) {
    const auto code = take_code_point(text);
    if (!code || is_control(*code)) return false;
  }
  return true;
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

Record parse_record(std::string_view line) {
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
  return Event{*time_ns, user, task, *status_code, static_cast<std::int64_t>(*duration_ms)};
}

}  // namespace billing::naive
