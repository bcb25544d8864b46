#pragma once

// Wrapped inputs as a source of records: a stage behind the files. It takes chunks of whole lines
// of the file, takes the wrapper off one after the other, and gives chunks of whole records of the
// text. Inputs without a wrapper pass through.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "billing/record_source.h"
#include "io/input.h"
#include "job/input_formats.h"
#include "wrappers/unwrapper.h"

namespace billing {

/// Moves a cutter past the text of whole records that a wrapped input begins with; what holds
/// behind them.
std::shared_ptr<const RecordState> pass_wrapped(RecordCutter& cutter, const RecordFormat& format,
                                                std::uint64_t max_record_bytes,
                                                std::string_view bytes);

/// The text of one wrapped input, cut into chunks of whole records. One thread at a time.
class UnwrappedInput {
 public:
  /// `before`: whole records of the file that are not read, which may say how to read on.
  UnwrappedInput(std::size_t input, const RecordFormat& format,
                 std::unique_ptr<RecordCutter> cutter, std::uint64_t max_record_bytes,
                 std::string_view before);

  std::size_t input() const { return input_; }
  bool has_ended() const { return has_ended_; }

  /// The input's next lines.
  void add(const Chunk& lines);
  /// No more of them follow.
  void finish();

  /// What can be given of all that was added, once or several times; false where there is nothing
  /// more. `memory` takes what the chunk views.
  bool take(Chunk& chunk, UnwrappedText& memory);

 private:
  /// A record of the text that is too long to be kept: its end has not come yet.
  struct LongRecord {
    LinePlace place;
    std::string kept;              ///< its beginning
    std::uint64_t text_bytes = 0;  ///< so far
    std::uint64_t line_ends = 0;   ///< so far
    char last = '\0';
    char before_last = '\0';
  };

  bool take_long(Chunk& chunk, UnwrappedText& memory);
  bool must_give() const;
  void pass_over(std::string_view bytes);
  void give(std::size_t end, Chunk& chunk, UnwrappedText& memory);
  void give_long(std::size_t end, Chunk& chunk, UnwrappedText& memory);

  std::size_t input_;
  std::uint64_t max_record_bytes_;
  std::unique_ptr<RecordCutter> cutter_;
  std::shared_ptr<const RecordState> at_chunk_;  ///< what holds where the next chunk begins
  Unwrapper unwrapper_;
  UnwrappedText text_;        ///< not given yet
  std::size_t searched_ = 0;  ///< of the text, for records' ends
  std::uint64_t text_bytes_;  ///< given; of a text that has begun before not from 0
  std::optional<LongRecord> long_;
  bool has_ended_ = false;
};

class UnwrappedSource final : public RecordSource {
 public:
  /// All arguments must outlive the source; `lines` cuts wrapped inputs at line ends, and reads
  /// `inputs`.
  UnwrappedSource(RecordSource& lines, std::span<const Input> inputs, const InputFormats& formats,
                  std::uint64_t max_record_bytes);

  std::size_t input_count() const override { return lines_.input_count(); }
  const std::string& input_name(std::size_t input) const override {
    return lines_.input_name(input);
  }
  std::optional<std::uint64_t> size_bytes() const override { return lines_.size_bytes(); }
  bool next(Chunk& chunk) override;
  std::uint64_t input_bytes(std::size_t input) const override { return lines_.input_bytes(input); }

 private:
  /// What a chunk keeps: text, or the chunk that passes through.
  struct Kept {
    UnwrappedText text;
    Chunk passed;
  };

  bool next_of_input(Chunk& chunk, Kept& kept);
  void begin_input(std::size_t input);

  RecordSource& lines_;
  std::span<const Input> inputs_;
  const InputFormats& formats_;
  std::uint64_t max_record_bytes_;
  std::mutex mutex_;
  Chunk ahead_;  ///< of lines, not looked at yet
  bool has_ahead_ = false;
  std::optional<UnwrappedInput> at_hand_;
  std::uint64_t sequence_ = 0;
};

}  // namespace billing
