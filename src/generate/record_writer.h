// Generated records as lines of the text format:
//
//     2025-05-02T23:16:50Z user115 login 200 1568ms
//
// A line costs a handful of copies of a fixed size from tables of ready text, each of which may
// run past the end of its piece; the next piece overwrites the excess.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "generate/record_batch.h"

namespace billing {

/// Immutable; any number of threads may share one. Holds 16 bytes for each day of its range.
class RecordWriter {
 public:
  /// The most bytes a line takes, its excess included: for good records and for bad ones.
  static constexpr std::size_t kMaxLineBytes = 96;
  static constexpr std::size_t kMaxBadLineBytes = 384;

  /// For times in [start_s, end_s): UTC seconds, start_s < end_s, within 1970..2261.
  RecordWriter(std::int64_t start_s, std::int64_t end_s);

  /// Writes the batch, whose times are in the range, from `out` on and returns the end of what was
  /// written. `out` must have room for batch.size lines of kMaxLineBytes, or of kMaxBadLineBytes if
  /// a record may be bad.
  char* write(const RecordBatch& batch, char* out) const;

 private:
  using DayText = std::array<char, 16>;  // "2025-05-02T", and filling

  char* write_good(const RecordBatch& batch, std::size_t i, char* out) const;
  char* write_bad(const RecordBatch& batch, std::size_t i, char* out) const;
  char* write_time_and_user_prefix(std::int64_t time_s, char* out) const;

  std::int64_t first_midnight_s_;
  std::vector<DayText> days_;
};

}  // namespace billing
