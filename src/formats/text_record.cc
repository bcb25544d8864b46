#include "formats/text_record.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/ascii_digit.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "billing/event_batch.h"

namespace billing {
namespace {

constexpr std::size_t kFields = 5;
constexpr std::size_t kMaxDurationDigits = 15;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// The line less its CR at the end and the blanks around it.
std::string_view trimmed(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line;
}

/// Fills the first five fields. Returns where the sixth begins, the end of the text where fields
/// are missing, or null where there are exactly five.
const char* split(std::string_view text, std::array<std::string_view, kFields>& fields) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::string_view& field : fields) {
    if (at == end) return end;
    const char* const stop = std::find_if(at, end, is_blank);
    field = std::string_view(at, static_cast<std::size_t>(stop - at));
    at = std::find_if_not(stop, end, is_blank);
  }
  return at == end ? nullptr : at;
}

std::optional<std::uint16_t> parse_status(std::string_view text) {
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  const int status = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  constexpr int kMinStatus = 100;
  constexpr int kMaxStatus = 599;
  if (status < kMinStatus || status > kMaxStatus) return std::nullopt;
  return static_cast<std::uint16_t>(status);
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  if (!text.ends_with("ms")) return std::nullopt;
  text.remove_suffix(2);
  if (text.empty() || text.size() > kMaxDurationDigits) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

TextDecision decode_text_record(std::string_view line, TextRecord& record) {
  const std::string_view text = trimmed(line);
  if (text.empty()) return {TextOutcome::blank, {}, 0};

  const auto reject = [&line](RejectReason reason, const char* at) {
    const auto column = static_cast<std::uint64_t>(at - line.data()) + 1;
    constexpr std::uint64_t kLargest = std::numeric_limits<std::uint32_t>::max();
    return TextDecision{TextOutcome::reject, reason,
                        static_cast<std::uint32_t>(std::min(column, kLargest))};
  };

  std::array<std::string_view, kFields> fields;
  if (const char* at = split(text, fields)) return reject(RejectReason::field_count, at);
  const auto& [time, user, task, status, duration] = fields;

  const auto time_ns = parse_timestamp_ns(time);
  if (!time_ns) return reject(RejectReason::bad_time, time.data());
  if (!is_valid_name(user)) return reject(RejectReason::bad_user, user.data());
  if (!is_valid_name(task)) return reject(RejectReason::bad_task, task.data());
  const auto status_code = parse_status(status);
  if (!status_code) return reject(RejectReason::bad_status, status.data());
  const auto duration_ms = parse_duration_ms(duration);
  if (!duration_ms) return reject(RejectReason::bad_duration, duration.data());

  record = {*time_ns, user, task, *status_code, *duration_ms};
  return {TextOutcome::event, {}, 0};
}

}  // namespace billing
