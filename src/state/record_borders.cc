#include "state/record_borders.h"

#include <algorithm>

namespace billing {
namespace {

constexpr char kQuote = '"';

bool has_odd_quotes(std::string_view bytes) {
  return std::count(bytes.begin(), bytes.end(), kQuote) % 2 != 0;
}

}  // namespace

RecordEnds record_ends_of(const RecordFormat& format) {
  if (format.is_text()) return RecordEnds::text_lines;
  const bool is_quoted = format.family == FormatFamily::csv && format.has_quotes;
  return is_quoted ? RecordEnds::quoted : RecordEnds::lines;
}

std::uint64_t RecordBorders::last_border(std::uint64_t begin, std::uint64_t end) const {
  const std::string_view some = bytes_.substr(begin, end - begin);
  if (ends_ != RecordEnds::quoted) return begin + some.rfind('\n') + 1;  // npos + 1 = 0
  bool is_inside = is_within_quotes(end);
  for (std::size_t at = some.size(); at > 0; --at) {
    if (some[at - 1] == kQuote) is_inside = !is_inside;
    if (some[at - 1] == '\n' && !is_inside) return begin + at;
  }
  return begin;
}

std::optional<std::uint64_t> RecordBorders::border_behind(std::uint64_t at_bytes) const {
  if (ends_ == RecordEnds::quoted && is_within_quotes(at_bytes)) return std::nullopt;
  if (at_bytes == 0 || bytes_[at_bytes - 1] == '\n') return at_bytes;
  std::uint64_t next = at_bytes;
  if (ends_ == RecordEnds::text_lines) {
    next = std::min(bytes_.find_first_not_of(" \t\r", at_bytes), bytes_.size());
  } else if (bytes_[at_bytes - 1] != '\r' && bytes_.substr(at_bytes).starts_with('\r')) {
    ++next;
  }
  if (next == bytes_.size()) return next;
  return bytes_[next] == '\n' ? std::optional(next + 1) : std::nullopt;
}

bool RecordBorders::is_border(std::uint64_t at_bytes) const {
  if (at_bytes == 0) return true;
  return bytes_[at_bytes - 1] == '\n' &&
         (ends_ != RecordEnds::quoted || !is_within_quotes(at_bytes));
}

std::optional<std::uint64_t> RecordBorders::record_end_behind(std::uint64_t at_bytes) const {
  bool is_inside = ends_ == RecordEnds::quoted && is_within_quotes(at_bytes);
  for (std::uint64_t at = at_bytes; at < bytes_.size(); ++at) {
    is_inside ^= ends_ == RecordEnds::quoted && bytes_[at] == kQuote;
    if (bytes_[at] == '\n' && !is_inside) return at + 1;
  }
  return std::nullopt;
}

std::uint64_t RecordBorders::ends_in(std::uint64_t begin, std::uint64_t end) const {
  const std::string_view some = bytes_.substr(begin, end - begin);
  if (ends_ != RecordEnds::quoted) return line_ends_in(some);
  std::uint64_t count = 0;
  bool is_inside = is_within_quotes(begin);
  for (const char c : some) {
    is_inside ^= c == kQuote;
    count += c == '\n' && !is_inside ? 1 : 0;
  }
  return count;
}

std::uint64_t RecordBorders::records_in(std::uint64_t begin, std::uint64_t end) const {
  const bool is_border =
      bytes_[end - 1] == '\n' && (ends_ != RecordEnds::quoted || !is_within_quotes(end));
  const bool ends_later = !is_border && border_behind(end);
  return ends_in(begin, end) + (ends_later ? 1 : 0);
}

/// Mostly asked for places that rise, so that each byte is looked at about once.
bool RecordBorders::is_within_quotes(std::uint64_t at_bytes) const {
  if (at_bytes < counted_bytes_) {
    const std::string_view back = bytes_.substr(at_bytes, counted_bytes_ - at_bytes);
    return is_odd_ ^ has_odd_quotes(back);
  }
  is_odd_ ^= has_odd_quotes(bytes_.substr(counted_bytes_, at_bytes - counted_bytes_));
  counted_bytes_ = at_bytes;
  return is_odd_;
}

}  // namespace billing
