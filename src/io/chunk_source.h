#pragma once

// Inputs cut into chunks of whole records, handed to any number of threads. A record belongs to the
// chunk it starts in: a chunk ends behind the first line end at or after its nominal size.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "io/input.h"

namespace billing {

/// Bytes of whole records. Reuse the object: it owns the memory of what is read from a pipe.
struct Chunk {
  std::uint64_t sequence = 0;      ///< from 0, over all inputs, without gaps
  std::size_t input = 0;           ///< index of the input
  std::uint64_t offset_bytes = 0;  ///< of the first byte in its input
  std::string_view bytes;          ///< in a mapping or in `buffer`
  std::size_t readable_bytes = 0;  ///< from bytes.data(), may be touched
  std::vector<char> buffer;
  std::shared_ptr<const void> turn;  ///< keeps the input's mapping
};

class ChunkSource {
 public:
  /// `inputs` must outlive this object and its chunks. Each is open and, where it is to be, mapped
  /// from its turn until no chunk of it is left. `checkpoint` is called before each chunk and each
  /// read, and while an input keeps one waiting; what it throws passes through.
  ChunkSource(std::span<Input> inputs, std::size_t chunk_bytes, std::function<void()> checkpoint);

  /// The next chunk of the input at hand; false at the end of the last one. Any thread. Throws
  /// Error(run) where an input cannot be read.
  bool next(Chunk& chunk);

 private:
  static std::shared_ptr<const void> begin_turn(Input& input);
  bool next_mapped(const Input& input, Chunk& chunk);
  bool next_read(const Input& input, Chunk& chunk);
  std::size_t read_more(const Input& input, std::vector<char>& buffer, std::size_t used);

  std::mutex mutex_;
  std::span<Input> inputs_;
  std::size_t chunk_bytes_;
  std::function<void()> checkpoint_;
  std::size_t input_ = 0;
  std::shared_ptr<const void> turn_;  // of the input at hand; null before its first chunk
  std::uint64_t offset_bytes_ = 0;    // in the input at hand
  std::uint64_t sequence_ = 0;
  std::vector<char> carry_;     // read, but behind the end of the last chunk
  bool at_stream_end_ = false;  // asked for once: a terminal would begin anew
};

}  // namespace billing
