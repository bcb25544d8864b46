#pragma once

// Files and pipes, also compressed ones, as a source of records. A record belongs to the chunk it
// starts in: a chunk ends behind the first record that ends at or after its nominal size.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/big_memory.h"
#include "billing/record_source.h"
#include "io/input.h"
#include "io/text_reader.h"

namespace billing {

/// Makes the cutter of an input's format, at the input's start.
using CutterMaker = std::function<std::unique_ptr<RecordCutter>(std::size_t input)>;

/// Of inputs whose records are lines.
inline CutterMaker line_cutters() {
  return [](std::size_t) { return make_line_cutter(); };
}

class FileSource final : public RecordSource {
 public:
  /// `inputs` must outlive this object and its chunks. Each is open and, where it is to be, mapped
  /// from its turn until no chunk of it is left. Records longer than `max_record_bytes` are cut
  /// where they do not stand in a mapping. `checkpoint` is called before each chunk and each read,
  /// now and then in a long record, and while an input keeps one waiting; what it throws passes
  /// through.
  FileSource(std::span<Input> inputs, std::size_t chunk_bytes, std::uint64_t max_record_bytes,
             CutterMaker make_cutter, std::function<void()> checkpoint);

  std::size_t input_count() const override { return inputs_.size(); }
  const std::string& input_name(std::size_t input) const override { return inputs_[input].name(); }
  std::optional<std::uint64_t> size_bytes() const override { return total_size_bytes(inputs_); }

  bool cuts_at_lines() const override { return false; }
  bool next(Chunk& chunk) override;

  /// Those of the mapping, or all that reading it gave, decompressed.
  std::uint64_t input_bytes(std::size_t input) const override { return input_bytes_[input]; }

  /// What a compressed input takes, once next() has passed it; 0 for all others.
  std::uint64_t compressed_bytes(std::size_t input) const { return compressed_bytes_[input]; }

  /// Memory that the chunk of an input that is read may take.
  static std::uint64_t max_buffer_bytes(std::size_t chunk_bytes, std::uint64_t max_record_bytes);

 private:
  /// What a chunk keeps.
  struct Kept {
    BigMemory buffer;                  ///< of what is read, not mapped
    std::shared_ptr<const void> turn;  ///< the input's mapping
  };

  static std::shared_ptr<const void> begin_turn(Input& input);
  static Kept& kept_of(Chunk& chunk) { return *static_cast<Kept*>(chunk.memory.get()); }
  bool next_mapped(const Input& input, Chunk& chunk);
  bool next_read(Chunk& chunk);
  bool pass_over(std::size_t used, Chunk& chunk);
  std::size_t read(std::span<char> room);

  std::mutex mutex_;
  std::span<Input> inputs_;
  std::size_t chunk_bytes_;
  std::uint64_t max_record_bytes_;
  CutterMaker make_cutter_;
  std::function<void()> checkpoint_;
  std::size_t input_ = 0;
  std::unique_ptr<RecordCutter> cutter_;         // of the input at hand
  std::shared_ptr<const RecordState> at_chunk_;  // what holds where the next chunk begins
  std::shared_ptr<const void> turn_;  // of the input at hand; null before its first chunk
  std::uint64_t offset_bytes_ = 0;    // in the input at hand
  std::uint64_t sequence_ = 0;
  std::vector<std::uint64_t> input_bytes_;
  std::vector<std::uint64_t> compressed_bytes_;
  std::vector<char> carry_;             // read, but behind the end of the last chunk
  std::unique_ptr<TextReader> reader_;  // of the input at hand, where it is not mapped
};

}  // namespace billing
