#pragma once

// The records of a file that begin within a range of its bytes: pieces that meet hold each record
// once, wherever they were cut.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "billing/aggregate.h"
#include "billing/record_source.h"
#include "billing/usage_options.h"
#include "formats/input_format.h"
#include "io/file_source.h"
#include "io/input.h"

namespace billing::python {

/// Throws Error(configuration) for a format whose records mean something else, or end elsewhere,
/// where an input is cut at a line end.
void refuse_pieces(const InputFormat& format);

/// A file, or a piece of it, that is read chunk by chunk. Open it once its format is known.
class FilePiece {
 public:
  /// The records that begin at byte `begin` or later and before byte `end` (none: at any later
  /// one). Limits are the job's. `checkpoint` is called while the file is read; what it throws
  /// passes through. Throws Error(run) where the file cannot be read or is too large.
  FilePiece(const AggregateJob& job, const std::string& path, std::uint64_t begin,
            std::optional<std::uint64_t> end, std::function<void()> checkpoint);
  FilePiece(const FilePiece&) = delete;
  FilePiece& operator=(const FilePiece&) = delete;

  const std::string& name() const { return inputs_.front().name(); }
  /// The file alone, whose beginning tells its format.
  std::span<const Input> inputs() const { return inputs_; }
  /// Whether the file has no bytes; then it is not to be opened.
  bool is_empty() const { return inputs_.front().counted_bytes() == 0; }

  /// `format` must live until the last next(). Throws Error(run) where the file cannot be read, and
  /// Error(configuration) where it, or this format, has no pieces and one was asked for.
  void open(const InputFormat& format);

  /// Nothing where it is all of the file.
  const std::optional<InputPiece>& piece() const { return piece_; }

  /// The next chunk, which must not outlive this object; false behind the last. Throws Error(run)
  /// where the file has changed meanwhile.
  bool next(Chunk& chunk);

 private:
  void find_lines();

  const AggregateJob& job_;
  std::vector<Input> inputs_;
  std::uint64_t asked_begin_;
  std::optional<std::uint64_t> asked_end_;
  std::function<void()> checkpoint_;
  std::optional<InputPiece> piece_;
  std::uint64_t at_ = 0;                    // where the next chunk begins
  std::optional<std::uint64_t> end_bytes_;  // none: the end of the file
  std::unique_ptr<FileSource> source_;
};

}  // namespace billing::python
