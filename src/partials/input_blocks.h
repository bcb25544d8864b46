#pragma once

// The inputs of a partial, read one by one, and kept to be written.

#include <cstdint>
#include <functional>
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

/// Finds bytes of a log that stand in several inputs: in two pieces, or in a piece and the whole
/// input of the same name. Their records would count twice. Two whole inputs may well have the same
/// name, and pieces know their places: only these are kept in memory, and whole inputs are compared
/// with all of them in a second pass.
class InputOverlaps {
 public:
  /// First pass: takes in a piece, and passes over a whole input.
  void add(const PartialInput& input);

  bool has_pieces() const { return !pieces_.empty(); }

  /// Second pass: compares a whole input with the pieces, and passes over a piece.
  void compare(const PartialInput& input);

  /// Of which input which bytes stand in several; empty where none do.
  const std::string& found() const { return found_; }

  std::size_t memory_bytes() const { return memory_bytes_; }

 private:
  using Ends = std::map<std::uint64_t, std::uint64_t>;  ///< of pieces, by where they begin

  void tell(const std::string& name, std::uint64_t begin_bytes, std::uint64_t end_bytes);

  std::map<std::string, Ends> pieces_;  ///< by name
  std::string found_;
  std::size_t memory_bytes_ = 0;
};

/// Inputs as they are written, which takes a fraction of what they would take in memory.
class InputList {
 public:
  void add(PartialInput input);

  /// Joins pieces that follow each other, brings all into the order of a file and writes them.
  /// Returns where each stands, in the order in which whole inputs were added.
  std::vector<std::uint32_t> write(UsageFileWriter& file);

  /// The same whole inputs with totals that `change` has changed, in the order in which they were
  /// added. None may be of a state.
  InputList with_totals(const std::function<void(std::size_t, InputTotals&)>& change) const;

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
