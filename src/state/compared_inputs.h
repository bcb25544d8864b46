#pragma once

// What each input of an incremental run begins with: content of the state's logs, or other inputs.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/input.h"
#include "partials/content_hash.h"
#include "partials/partial_input.h"
#include "state/known_content.h"
#include "state/packed_input.h"
#include "state/record_borders.h"

namespace billing {

/// Compares on construction; afterwards it answers questions. Content comes from *sources*: the
/// state's logs, numbered from 0, then the run's inputs. One thread.
class ComparedInputs {
 public:
  using Match = KnownContent::Match;

  /// What an input begins with.
  struct Start {
    std::optional<Match> longest;      ///< of equal length, a log
    std::optional<std::size_t> inner;  ///< the longest other input that it begins with all of
    /// A log that has held all of this input: it did when it was read, or an input that begins with
    /// this one shows it.
    std::optional<std::size_t> log;
    /// Where the last line of `longest` has no end and this input continues and ends it: the
    /// content up to that end.
    std::optional<EarlierContent> with_end;
  };

  /// All arguments must outlive this object; all logs have been seen. Leaves the inputs closed.
  /// Where inputs may be JSON over several lines (`may_be_arrays`), what ends an array is no part
  /// of what it is known by. Compressed ones are compared by what they hold. One that goes on with
  /// other content, ends in half a record or is an array, is replaced by a file in
  /// `temp_folder` that holds what it does, here or by set_record_ends(); all others are not kept.
  /// Throws Error(run) for an input that is no regular file or cannot be read.
  ComparedInputs(const std::vector<PartialInput>& logs, std::vector<Input>& inputs,
                 const ContentSecret& secret, const std::string& temp_folder, bool may_be_arrays,
                 const std::function<void()>& checkpoint);
  ComparedInputs(const ComparedInputs&) = delete;
  ComparedInputs& operator=(const ComparedInputs&) = delete;

  /// What ends a record of each log and each input: to be called once, before anything is asked
  /// that depends on it (Start::with_end, borders()).
  void set_record_ends(std::vector<RecordEnds> of_logs, std::vector<RecordEnds> of_inputs);
  RecordEnds record_ends_of(std::size_t source) const {
    return is_log(source) ? ends_of_logs_[source] : ends_of_inputs_[input_of(source)];
  }

  std::size_t log_count() const { return logs_.size(); }
  std::size_t input_count() const { return inputs_.size(); }
  /// From the smallest on: what an input begins with comes before it.
  const std::vector<std::size_t>& by_size() const { return order_; }
  const Start& start(std::size_t input) const { return starts_[input]; }
  /// Size and hashes of an input; none of one that is empty.
  const SeenContent& seen(std::size_t input) const { return seen_[input]; }
  const std::string& input_name(std::size_t input) const { return inputs_[input].name(); }
  /// Whether it is known as an array, without its end.
  bool is_array(std::size_t input) const { return is_array_[input]; }

  /// By which the input is known from now on; null where it is not compressed, or is known by it.
  const PackedContent* new_packed(std::size_t input) const {
    return packed_[input] && !is_known_packed_[input] ? &*packed_[input] : nullptr;
  }
  /// Whether its bytes can be looked at; only sizes and hashes are there of what is read in a
  /// stream.
  bool has_bytes(std::size_t input) const {
    return inputs_[input].compression() == Compression::none;
  }
  /// Whether the input's first `bytes` bytes hold a line with its end that is no blank. Only of
  /// what it begins with, and where it is not known.
  bool has_line_within(std::size_t input, std::uint64_t bytes) const {
    return first_line_bytes_[input] != 0 && first_line_bytes_[input] <= bytes;
  }
  /// How many records the input has in its first `bytes` bytes; 0 where that is not known.
  std::uint64_t records_in_first(std::size_t input, std::uint64_t bytes) const;

  bool is_log(std::size_t source) const { return source < logs_.size(); }
  const PartialInput& log(std::size_t source) const { return logs_[source]; }
  std::size_t source_of(std::size_t input) const { return logs_.size() + input; }
  std::size_t input_of(std::size_t source) const { return source - logs_.size(); }
  const std::string& name_of(std::size_t source) const;

  /// Whether inputs begin with all of a source and then go on.
  bool has_heirs(std::size_t source) const { return heirs_.count(source) > 0; }
  /// The one of them that continues it: the one called `name`, else the first.
  std::size_t heir_of(std::size_t source, const std::string& name) const;

  /// The log last read under the input's name, where no input begins with all of it.
  std::optional<std::size_t> log_lost_under_name_of(std::size_t input) const;
  /// Sources whose first kHeadBytes are those of the input.
  std::vector<std::size_t> with_head_of(std::size_t input) const;

  /// Between map() and unmap(), which also closes it, the bytes of an input can be looked at, of
  /// one input at a time. Both do nothing for one that has no bytes.
  void map(std::size_t input);
  void unmap(std::size_t input);
  std::string_view bytes(std::size_t input) const {
    return inputs_[input].bytes().substr(0, seen_[input].bytes);
  }
  const RecordBorders& borders() const { return *borders_; }
  /// All content that the bytes from `at_bytes` on begin with.
  std::vector<Match> starts_at(std::size_t input, std::uint64_t at_bytes);

 private:
  void unpack_sizes();
  void unpack(std::size_t input);
  void find_array(std::size_t input);
  void compare(std::size_t input);
  std::vector<Match> matches_of(std::size_t input);
  std::vector<Match> matches_of_packed(std::size_t input);
  void take(std::size_t input, const std::vector<Match>& matches);
  void find_first_line(std::size_t input);
  void find_logs_that_hold_inputs();
  void find_heirs();
  void keep_unfinished();
  void find_ended_lines();
  void find_ended_line(std::size_t input);

  const std::vector<PartialInput>& logs_;
  std::vector<Input>& inputs_;
  const std::string& temp_folder_;
  bool may_be_arrays_;
  const std::function<void()>& checkpoint_;
  PrefixHasher hasher_;
  KnownContent known_;
  KnownContent new_;  // of it what inputs hold, and no log did
  std::unordered_map<std::string_view, std::size_t> latest_log_;  // by name
  std::vector<bool> is_held_;                                     // by log: an input begins with it
  std::vector<std::size_t> order_;                                // of the inputs
  std::vector<SeenContent> seen_;                                 // by input
  std::vector<Start> starts_;                                     // by input
  std::vector<bool> is_array_;                                    // by input
  std::vector<std::optional<Match>> longest_logs_;                // by input: content of the state
  std::vector<std::uint64_t>
      first_line_bytes_;  // by input: up to the end of the first line that is
                          // no blank; 0 where what it begins with has none
  std::map<std::size_t, std::vector<std::size_t>> heirs_;  // by source: inputs that may continue it
  std::deque<SeenContent> ended_;                          // see Start::with_end
  std::vector<RecordEnds> ends_of_logs_;
  std::vector<RecordEnds> ends_of_inputs_;
  std::optional<RecordBorders> borders_;  // of the input that is mapped

  // Of compressed inputs, by input.
  std::vector<std::optional<PackedContent>> packed_;
  std::vector<bool> is_known_packed_;
  std::vector<std::unique_ptr<UnpackedContent>> unpacked_;  // null where it is known without that
};

}  // namespace billing
