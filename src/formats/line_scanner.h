#pragma once

// The lines of whole records, one after the other, for formats whose records are lines.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/utf8.h"
#include "billing/mediate.h"
#include "formats/block_kernel.h"

namespace billing {

struct Line {
  const char* record = nullptr;    ///< where the record begins: at a byte order mark, if it has one
  const char* begin = nullptr;     ///< of its text
  const char* end = nullptr;       ///< before the line end, and before one CR
  const char* line_end = nullptr;  ///< before the LF
  const char* readable_end = nullptr;  ///< bytes up to it may be touched, never interpreted
  bool is_too_long = false;

  /// As rejects have it: without the LF.
  std::uint64_t length_bytes() const { return static_cast<std::uint64_t>(line_end - record); }
  std::string_view text() const { return {begin, static_cast<std::size_t>(end - begin)}; }
};

inline bool is_blank(const Line& line) {
  if (line.begin != line.end && *line.begin != ' ' && *line.begin != '\t') return false;
  return std::all_of(line.begin, line.end, [](char c) { return c == ' ' || c == '\t'; });
}

class LineScanner {
 public:
  LineScanner(const RecordBytes& records, std::uint64_t max_record_bytes)
      : bytes_(records.bytes),
        readable_end_(records.bytes.data() + records.readable_bytes),
        at_(records.bytes.data()),
        mark_bytes_(records.at_input_start && records.bytes.starts_with(kByteOrderMark)
                        ? kByteOrderMark.size()
                        : 0),
        max_record_bytes_(max_record_bytes) {}

  /// False behind the last.
  bool next(Line& line) {
    const char* const end = bytes_.data() + bytes_.size();
    if (at_ == end) return false;
    const void* const newline = std::memchr(at_, '\n', static_cast<std::size_t>(end - at_));
    take(line, newline == nullptr ? end : static_cast<const char*>(newline));
    return true;
  }

  /// The next line, which is known to end before `line_end`: at a LF, or at the end of all.
  void take(Line& line, const char* line_end) {
    line.record = at_;
    line.begin = at_ + mark_bytes_;
    line.line_end = line_end;
    const bool has_cr = line.line_end != line.begin && line.line_end[-1] == '\r';
    line.end = line.line_end - (has_cr ? 1 : 0);
    line.readable_end = readable_end_;
    line.is_too_long = static_cast<std::uint64_t>(line.end - line.record) > max_record_bytes_;
    at_ = line_end == bytes_.data() + bytes_.size() ? line_end : line_end + 1;
    mark_bytes_ = 0;
  }

  bool is_at_end() const { return at_ == bytes_.data() + bytes_.size(); }
  /// Behind the line at hand: the text of all that are left, without a byte order mark.
  std::string_view rest() const {
    return bytes_.substr(static_cast<std::size_t>(at_ - bytes_.data()) + mark_bytes_);
  }
  bool has_mark() const { return mark_bytes_ > 0; }
  /// Passes lines over: the next one begins at `at`.
  void go_on_at(const char* at) {
    at_ = at;
    mark_bytes_ = 0;
  }

  /// Behind the line at hand: at most `size` bytes of those that are left.
  Window window(std::size_t size) const {
    const char* const end = bytes_.data() + bytes_.size();
    return {at_, std::min(size, static_cast<std::size_t>(end - at_)),
            static_cast<std::size_t>(readable_end_ - at_)};
  }

  std::uint64_t offset_bytes(const Line& line) const {
    return static_cast<std::uint64_t>(line.record - bytes_.data());
  }

 private:
  std::string_view bytes_;
  const char* readable_end_;
  const char* at_;
  std::size_t mark_bytes_;
  std::uint64_t max_record_bytes_;
};

}  // namespace billing
