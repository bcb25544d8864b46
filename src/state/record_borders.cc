#include "state/record_borders.h"

#include <algorithm>

#include "wrappers/wrapped_records.h"

namespace billing {
namespace {

constexpr char kQuote = '"';

/// Walks are not begun further back than about this.
constexpr std::uint64_t kMarkBytes = std::uint64_t{1} << 20;

bool has_odd_quotes(std::string_view bytes) {
  return std::count(bytes.begin(), bytes.end(), kQuote) % 2 != 0;
}

}  // namespace

RecordEnds record_ends_of(const RecordFormat& format, std::uint64_t max_record_bytes) {
  RecordEnds ends;
  if (!format.is_text()) ends.end = RecordEnd::line;
  if (format.family == FormatFamily::csv && format.has_quotes) ends.end = RecordEnd::quoted;
  if (format.layout == JsonLayout::objects) ends.end = RecordEnd::object;
  if (format.layout == JsonLayout::array) ends.end = RecordEnd::element;
  if (format.wrapper == Wrapper::none) return ends;
  if (ends.end == RecordEnd::text_line) ends.end = RecordEnd::line;
  ends.wrapper = format.wrapper;
  if (has_streams(format.wrapper)) ends.stream = format.stream;
  ends.max_record_bytes = max_record_bytes;
  return ends;
}

std::uint64_t RecordBorders::last_border(std::uint64_t begin, std::uint64_t end) const {
  if (ends_.need_walk()) return std::max(begin, walk(begin, end).border);
  const std::string_view some = bytes_.substr(begin, end - begin);
  if (ends_.end != RecordEnd::quoted) return begin + some.rfind('\n') + 1;  // npos + 1 = 0
  bool is_inside = is_within_quotes(end);
  for (std::size_t at = some.size(); at > 0; --at) {
    if (some[at - 1] == kQuote) is_inside = !is_inside;
    if (some[at - 1] == '\n' && !is_inside) return begin + at;
  }
  return begin;
}

std::optional<std::uint64_t> RecordBorders::border_behind(std::uint64_t at_bytes) const {
  if (ends_.need_walk()) return walked_border_behind(at_bytes);
  if (ends_.end == RecordEnd::quoted && is_within_quotes(at_bytes)) return std::nullopt;
  if (at_bytes == 0 || bytes_[at_bytes - 1] == '\n') return at_bytes;
  std::uint64_t next = at_bytes;
  if (ends_.end == RecordEnd::text_line) {
    next = std::min(bytes_.find_first_not_of(" \t\r", at_bytes), bytes_.size());
  } else if (bytes_[at_bytes - 1] != '\r' && bytes_.substr(at_bytes).starts_with('\r')) {
    ++next;
  }
  if (next == bytes_.size()) return next;
  return bytes_[next] == '\n' ? std::optional(next + 1) : std::nullopt;
}

std::optional<std::uint64_t> RecordBorders::walked_border_behind(std::uint64_t at_bytes) const {
  const bool is_here = is_border(at_bytes);
  if (at_bytes == 0 || (is_here && bytes_[at_bytes - 1] == '\n')) return at_bytes;
  if (ends_.are_objects() && !is_here) return std::nullopt;
  std::uint64_t next = at_bytes;
  if (bytes_[at_bytes - 1] != '\r' && bytes_.substr(at_bytes).starts_with('\r')) ++next;
  if (next < bytes_.size() && bytes_[next] == '\n' && is_border(next + 1)) return next + 1;
  if (is_here) return at_bytes;
  return next == bytes_.size() && would_end_at_end(at_bytes) ? std::optional(next) : std::nullopt;
}

bool RecordBorders::is_border(std::uint64_t at_bytes) const {
  if (at_bytes == 0) return true;
  if (ends_.need_walk()) return walk(at_bytes, at_bytes).is_between;
  return bytes_[at_bytes - 1] == '\n' &&
         (ends_.end != RecordEnd::quoted || !is_within_quotes(at_bytes));
}

std::optional<std::uint64_t> RecordBorders::record_end_behind(std::uint64_t at_bytes) const {
  if (ends_.need_walk()) {
    const Walked walked = walk(at_bytes, bytes_.size(), /*to_first_end=*/true);
    return walked.ends > 0 ? std::optional(walked.border) : std::nullopt;
  }
  bool is_inside = ends_.end == RecordEnd::quoted && is_within_quotes(at_bytes);
  for (std::uint64_t at = at_bytes; at < bytes_.size(); ++at) {
    is_inside ^= ends_.end == RecordEnd::quoted && bytes_[at] == kQuote;
    if (bytes_[at] == '\n' && !is_inside) return at + 1;
  }
  return std::nullopt;
}

std::uint64_t RecordBorders::ends_in(std::uint64_t begin, std::uint64_t end) const {
  if (ends_.need_walk()) return walk(begin, end).ends;
  const std::string_view some = bytes_.substr(begin, end - begin);
  if (ends_.end != RecordEnd::quoted) return line_ends_in(some);
  std::uint64_t count = 0;
  bool is_inside = is_within_quotes(begin);
  for (const char c : some) {
    is_inside ^= c == kQuote;
    count += c == '\n' && !is_inside ? 1 : 0;
  }
  return count;
}

std::uint64_t RecordBorders::records_in(std::uint64_t begin, std::uint64_t end) const {
  const bool ends_later = !is_border(end) && border_behind(end);
  return ends_in(begin, end) + (ends_later ? 1 : 0);
}

RecordBorders::Mark RecordBorders::mark_before(std::uint64_t at_bytes) const {
  const auto next =
      std::upper_bound(marks_.begin(), marks_.end(), at_bytes,
                       [](std::uint64_t at, const Mark& mark) { return at < mark.at_bytes; });
  const Mark mark = next == marks_.begin() ? Mark{} : *std::prev(next);
  return latest_.at_bytes <= at_bytes && latest_.at_bytes > mark.at_bytes ? latest_ : mark;
}

void RecordBorders::add_mark(Mark mark) const {
  latest_ = mark;
  if (mark.at_bytes >= (marks_.empty() ? 0 : marks_.back().at_bytes) + kMarkBytes)
    marks_.push_back(mark);
}

RecordBorders::Walked RecordBorders::walk(std::uint64_t begin, std::uint64_t end,
                                          bool to_first_end) const {
  const Mark from = mark_before(begin);
  return ends_.are_objects() ? walk_objects(from, begin, end, to_first_end)
                             : walk_wrapped(from, begin, end, to_first_end);
}

/// Between two records every place is a border.
RecordBorders::Walked RecordBorders::walk_objects(Mark from, std::uint64_t begin, std::uint64_t end,
                                                  bool to_first_end) const {
  using Event = JsonDocumentScanner::Event;
  const JsonLayout layout =
      ends_.end == RecordEnd::element ? JsonLayout::array : JsonLayout::objects;
  JsonDocumentScanner scanner(layout, from.place);
  Walked walked{from.at_bytes};
  const char* at = bytes_.data() + from.at_bytes;
  const char* const last = bytes_.data() + end;
  for (Event event = scanner.next(at, last); event != Event::none; event = scanner.next(at, last)) {
    walked.border = static_cast<std::uint64_t>(at - bytes_.data());
    if (event != Event::ends) continue;
    add_mark({walked.border, scanner.place()});
    if (walked.border <= begin) continue;
    ++walked.ends;
    if (to_first_end) return walked;
  }
  walked.is_between = !scanner.is_within();
  if (walked.is_between) walked.border = end;
  return walked;
}

RecordBorders::Walked RecordBorders::walk_wrapped(Mark from, std::uint64_t begin, std::uint64_t end,
                                                  bool to_first_end) const {
  WrappedRecords records(ends_.wrapper, ends_.stream, ends_.end == RecordEnd::quoted,
                         ends_.max_record_bytes, from.at_bytes);
  Walked walked{from.at_bytes};
  std::uint64_t at = from.at_bytes;
  while (at < end) {
    const std::size_t newline = bytes_.find('\n', at);
    if (newline == std::string_view::npos || newline >= end) break;
    records.pass(bytes_.substr(at, newline + 1 - at));
    at = newline + 1;
    if (!records.is_between()) continue;
    walked.border = at;
    add_mark({at, JsonPlace::input_start});
    if (at <= begin) continue;
    ++walked.ends;
    if (to_first_end) return walked;
  }
  walked.is_between = walked.border == end;
  return walked;
}

/// Whether the last line, which is all there is behind `at_bytes` but for a CR, ends a record if
/// nothing more comes.
bool RecordBorders::would_end_at_end(std::uint64_t at_bytes) const {
  const Mark from{walk(at_bytes, bytes_.size()).border, JsonPlace::input_start};
  WrappedRecords records(ends_.wrapper, ends_.stream, ends_.end == RecordEnd::quoted,
                         ends_.max_record_bytes, from.at_bytes);
  for (std::string_view rest = bytes_.substr(from.at_bytes); !rest.empty();) {
    const std::size_t bytes = std::min(rest.find('\n'), rest.size() - 1) + 1;
    records.pass(rest.substr(0, bytes));
    rest.remove_prefix(bytes);
  }
  return records.is_between();
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
