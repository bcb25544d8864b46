#pragma once

// The rejects of a chunk, or of a part of it, until their turn comes: packed, because there may be
// as many of them as the chunk has lines.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "billing/rejected_record.h"

namespace billing {

class ChunkRejects {
 public:
  /// `input` is the index of the chunk's input.
  explicit ChunkRejects(std::size_t input) : input_(input) {}

  /// Adds lines to the part, whether or not they were rejected.
  void add_lines(std::uint64_t lines) { lines_ += lines; }

  /// Adds a reject, in the order of the input; the record is copied. Its line counts from 0 at the
  /// part's first line.
  void add(const RejectedRecord& reject);

  std::size_t input() const { return input_; }
  std::uint64_t lines() const { return lines_; }
  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Memory of the rejects.
  std::size_t bytes() const { return packed_.capacity(); }

  /// Calls `take` for each, in order.
  void for_each(const std::function<void(const RejectedRecord&)>& take) const;

 private:
  std::size_t input_;
  std::uint64_t lines_ = 0;
  std::size_t count_ = 0;
  std::uint64_t last_line_ = 0;          // of the rejects added
  std::uint64_t last_offset_bytes_ = 0;  // likewise
  std::string packed_;
};

}  // namespace billing
