#pragma once

// Where records of a log begin and end, of any format: enough to know which of them are whole.

#include <cstdint>
#include <optional>
#include <string_view>

#include "billing/record_format.h"

namespace billing {

/// What ends a record.
enum class RecordEnds : std::uint8_t {
  text_lines,  ///< a line end, and blanks before it do not change the record
  lines,       ///< a line end, and a CR before it does not change the record
  quoted,      ///< likewise, where an even number of quotes stands before it since the log's start
};

RecordEnds record_ends_of(const RecordFormat& format);

inline std::uint64_t line_ends_in(std::string_view bytes) {
  std::uint64_t count = 0;
  for (const char c : bytes) count += c == '\n' ? 1 : 0;
  return count;
}

/// The borders of one log's records. Cheap to make; places are asked for fastest in rising order.
/// One thread.
class RecordBorders {
 public:
  /// `bytes` are the log from its start, and must outlive this object.
  RecordBorders(RecordEnds ends, std::string_view bytes) : ends_(ends), bytes_(bytes) {}

  std::string_view bytes() const { return bytes_; }

  /// The place behind the last whole record that ends in [begin, end); `begin`, which is where a
  /// record begins, where none does.
  std::uint64_t last_border(std::uint64_t begin, std::uint64_t end) const;

  /// Where the record after the one that ends at a place begins; the end of the bytes where none
  /// does. Nothing where the place lies within a record.
  std::optional<std::uint64_t> border_behind(std::uint64_t at_bytes) const;

  /// Whether a record may begin at a place: a whole one, or the log's first, ends there.
  bool is_border(std::uint64_t at_bytes) const;
  /// Behind the end of the record that holds a place; nothing where it has none.
  std::optional<std::uint64_t> record_end_behind(std::uint64_t at_bytes) const;

  /// How many line ends in [begin, end) end a record.
  std::uint64_t ends_in(std::uint64_t begin, std::uint64_t end) const;

  /// How many records end within [begin, end), or are ended by what follows; `begin` is where a
  /// record begins.
  std::uint64_t records_in(std::uint64_t begin, std::uint64_t end) const;

 private:
  bool is_within_quotes(std::uint64_t at_bytes) const;

  RecordEnds ends_;
  std::string_view bytes_;
  // Quotes up to a place that was asked for.
  mutable std::uint64_t counted_bytes_ = 0;
  mutable bool is_odd_ = false;
};

}  // namespace billing
