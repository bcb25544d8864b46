#pragma once

// Inputs cut into chunks of whole records, handed to any number of threads. A record belongs to the
// chunk it starts in: a chunk ends behind the first line end at or after its nominal size.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/big_memory.h"
#include "io/input.h"

namespace billing {

/// A record of a pipe that is too long to be kept whole: the bytes behind its beginning were passed
/// over.
struct CutRecord {
  std::uint64_t bytes = 0;         ///< that it takes in the input, with its line end
  std::uint64_t record_bytes = 0;  ///< without the line end
};

/// Bytes of whole records, or the beginning of one that was cut. Reuse the object: it owns the
/// memory of what is read from a pipe.
struct Chunk {
  std::uint64_t sequence = 0;      ///< from 0, over all inputs, without gaps
  std::size_t input = 0;           ///< index of the input
  std::uint64_t offset_bytes = 0;  ///< of the first byte in its input
  std::string_view bytes;          ///< in a mapping or in `buffer`
  std::size_t readable_bytes = 0;  ///< from bytes.data(), may be touched
  std::optional<CutRecord> cut;
  BigMemory buffer;
  std::shared_ptr<const void> turn;  ///< keeps the input's mapping

  /// What the chunk covers of its input.
  std::uint64_t covered_bytes() const { return cut ? cut->bytes : bytes.size(); }
};

class ChunkSource {
 public:
  /// `inputs` must outlive this object and its chunks. Each is open and, where it is to be, mapped
  /// from its turn until no chunk of it is left. Records longer than `max_record_bytes` are cut
  /// where they do not stand in a mapping. `checkpoint` is called before each chunk and each read,
  /// now and then in a long record, and while an input keeps one waiting; what it throws passes
  /// through.
  ChunkSource(std::span<Input> inputs, std::size_t chunk_bytes, std::uint64_t max_record_bytes,
              std::function<void()> checkpoint);

  /// The next chunk of the input at hand; false at the end of the last one. Any thread. Throws
  /// Error(run) where an input cannot be read.
  bool next(Chunk& chunk);

  /// How many bytes there were in an input, once it is at its end: those of the mapping, or all
  /// that reading it gave.
  std::uint64_t input_bytes(std::size_t input) const { return input_bytes_[input]; }

  /// Memory that the chunk of an input that is read may take.
  static std::uint64_t max_buffer_bytes(std::size_t chunk_bytes, std::uint64_t max_record_bytes);

 private:
  static std::shared_ptr<const void> begin_turn(Input& input);
  bool next_mapped(const Input& input, Chunk& chunk);
  bool next_read(const Input& input, Chunk& chunk);
  bool pass_over(const Input& input, std::size_t used, Chunk& chunk);
  std::size_t read(const Input& input, std::span<char> room);

  std::mutex mutex_;
  std::span<Input> inputs_;
  std::size_t chunk_bytes_;
  std::uint64_t max_record_bytes_;
  std::function<void()> checkpoint_;
  std::size_t input_ = 0;
  std::shared_ptr<const void> turn_;  // of the input at hand; null before its first chunk
  std::uint64_t offset_bytes_ = 0;    // in the input at hand
  std::uint64_t sequence_ = 0;
  std::vector<std::uint64_t> input_bytes_;
  std::vector<char> carry_;     // read, but behind the end of the last chunk
  bool at_stream_end_ = false;  // asked for once: a terminal would begin anew
};

}  // namespace billing
