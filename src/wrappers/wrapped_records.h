#pragma once

// Where records of a wrapped log end: behind a line of the file at which no stream has parts of a
// record left, and, of a table, no quote of the program's text is open.

#include <cstdint>
#include <string_view>

#include "wrappers/unwrapper.h"

namespace billing {

class WrappedRecords {
 public:
  /// From a line of the file on that begins at `first_byte`, where a record does.
  WrappedRecords(Wrapper wrapper, LogStream stream, bool has_quotes, std::uint64_t max_record_bytes,
                 std::uint64_t first_byte)
      : has_quotes_(has_quotes), unwrapper_(wrapper, stream, max_record_bytes, first_byte) {}

  /// The next line of the file, with its end.
  void pass(std::string_view line);

  /// Whether what was passed ends with a record.
  bool is_between() const { return !is_inside_ && !unwrapper_.has_parts(); }

 private:
  bool has_quotes_;
  Unwrapper unwrapper_;
  UnwrappedText text_;  ///< of one line of the file
  bool is_inside_ = false;
};

/// Behind the last record that ends in `bytes`, from the start of a wrapped log on; 0 where none
/// does.
std::size_t last_wrapped_end(WrappedRecords records, std::string_view bytes);

}  // namespace billing
