#pragma once

// Where records of a log begin and end, of any format: enough to know which of them are whole.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "formats/json_documents.h"

namespace billing {

/// What ends a record.
enum class RecordEnd : std::uint8_t {
  text_line,  ///< a line end, and blanks before it do not change the record
  line,       ///< a line end, and a CR before it does not change the record
  quoted,     ///< likewise, where an even number of quotes stands before it since the log's start
  object,     ///< the `}` of an object over several lines
  element,    ///< likewise, in an array
};

/// In a wrapped log these are line ends of the file, where nothing waits to be joined.
struct RecordEnds {
  RecordEnd end = RecordEnd::text_line;
  Wrapper wrapper = Wrapper::none;
  LogStream stream = LogStream::out;
  std::uint64_t max_record_bytes = 0;  ///< of what is wrapped: longer lines are no part of the text

  bool are_objects() const { return end == RecordEnd::object || end == RecordEnd::element; }
  /// Whether only a walk over all that stands before a place tells what the place is.
  bool need_walk() const {
    const bool is_joined = has_streams(wrapper) || end == RecordEnd::quoted;
    return are_objects() || (wrapper != Wrapper::none && is_joined);
  }
  /// Whether records of the one log are those of the other, where that holds the same bytes.
  bool operator==(const RecordEnds&) const = default;
};

RecordEnds record_ends_of(const RecordFormat& format, std::uint64_t max_record_bytes);

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
  /// Whether a line of a wrapped log ends at a place where more of its text is to come: where whole
  /// records were read up to there, they were cut in other places.
  bool ends_within_parts(std::uint64_t at_bytes) const {
    return ends_.wrapper != Wrapper::none && at_bytes > 0 && bytes_[at_bytes - 1] == '\n' &&
           !is_border(at_bytes);
  }
  /// Behind the end of the record that holds a place; nothing where it has none.
  std::optional<std::uint64_t> record_end_behind(std::uint64_t at_bytes) const;

  /// How many line ends in [begin, end) end a record; of objects, how many of these end there.
  std::uint64_t ends_in(std::uint64_t begin, std::uint64_t end) const;

  /// How many records end within [begin, end), or are ended by what follows; `begin` is where a
  /// record begins.
  std::uint64_t records_in(std::uint64_t begin, std::uint64_t end) const;

 private:
  /// A border from which a walk over the records can go on.
  struct Mark {
    std::uint64_t at_bytes = 0;
    JsonPlace place = JsonPlace::input_start;
  };
  /// Where a walk has come to: `border` is the last one up to there.
  struct Walked {
    std::uint64_t border = 0;
    std::uint64_t ends = 0;
    bool is_between = true;  ///< it is a border where the walk has ended
  };

  Mark mark_before(std::uint64_t at_bytes) const;
  void add_mark(Mark mark) const;
  /// From a border at `begin`, or the last mark before it, to `end`; to the first end of a record
  /// behind `begin` where that is asked for. Ends are counted from `begin` on.
  Walked walk(std::uint64_t begin, std::uint64_t end, bool to_first_end = false) const;
  Walked walk_objects(Mark from, std::uint64_t begin, std::uint64_t end, bool to_first_end) const;
  Walked walk_wrapped(Mark from, std::uint64_t begin, std::uint64_t end, bool to_first_end) const;
  bool would_end_at_end(std::uint64_t at_bytes) const;
  std::optional<std::uint64_t> walked_border_behind(std::uint64_t at_bytes) const;
  bool is_within_quotes(std::uint64_t at_bytes) const;

  RecordEnds ends_;
  std::string_view bytes_;
  // Quotes up to a place that was asked for.
  mutable std::uint64_t counted_bytes_ = 0;
  mutable bool is_odd_ = false;
  // Of walks: borders, some apart, and the last.
  mutable std::vector<Mark> marks_;
  mutable Mark latest_;
};

}  // namespace billing
