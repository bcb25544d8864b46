#pragma once

// The inputs of a partial, read one by one, and kept to be written.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "partials/block_reader.h"
#include "partials/partial_input.h"
#include "partials/usage_file_writer.h"

namespace billing {

/// The inputs of a file in their order. Holds one of them at a time. One thread.
class InputReader {
 public:
  /// `blocks` must outlive this and stand at the first block of inputs, which are those of a state
  /// or none of them is.
  InputReader(BlockReader& blocks, bool of_state)
      : items_(blocks, BlockKind::inputs), of_state_(of_state) {}

  /// Goes to the next input; false behind the last one. Throws Error(run) where the inputs are not
  /// in order, do not balance, or are not written as they should be.
  bool next();
  /// Without its earlier contents; call next_earlier() for those until it returns false.
  const PartialInput& input() const { return input_; }
  bool next_earlier(EarlierContent& content);

  /// The sum over all inputs so far.
  const InputTotals& totals() const { return sum_.totals(); }

 private:
  void check_order(std::string_view head);

  BlockItems items_;
  bool of_state_;
  PartialInput input_;
  std::string head_;  // of the input, as it is written
  bool any_ = false;
  std::uint64_t earlier_left_ = 0;
  std::uint64_t earlier_bytes_ = 0;
  std::string scratch_;
  InputSum sum_;
};

/// Whether pieces of an input hold the same bytes: their records count twice.
class PieceOverlaps {
 public:
  void add(const PartialInput& input);

  /// The name of the first input of which this is so; empty where there is none.
  const std::string& first() const { return first_; }

 private:
  std::map<std::string, std::map<std::uint64_t, std::uint64_t>> ends_;  // by where pieces begin
  std::string first_;
};

/// Inputs as they are written, which takes a fraction of what they would take in memory.
class InputList {
 public:
  void add(PartialInput input);

  /// Joins pieces that follow each other, brings all into the order of a file and writes them.
  void write(UsageFileWriter& file);

  std::size_t size() const { return inputs_.size() + pieces_.size(); }
  std::size_t memory_bytes() const;
  const InputTotals& totals() const { return totals_; }

 private:
  /// In bytes_; earlier contents stand behind the head, each by itself.
  struct Place {
    std::uint64_t begin;
    std::uint32_t head_bytes;
    std::uint32_t earlier;  ///< contents
  };

  std::string_view head(const Place& place) const {
    return std::string_view(bytes_).substr(place.begin, place.head_bytes);
  }

  void keep(const PartialInput& input);
  void join_pieces();

  std::string bytes_;
  std::vector<Place> inputs_;
  std::vector<PartialInput> pieces_;
  std::size_t pieces_bytes_ = 0;
  InputTotals totals_;
};

}  // namespace billing
