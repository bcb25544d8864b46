#pragma once

// What an incremental run does with its inputs.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "partials/partial_input.h"

namespace billing {

enum class InputChange { known, grown, fresh };

/// Records of an input that stand in other content, too.
struct SharedRecords {
  enum class Place {
    everywhere,         ///< the input is equal to the other content; counts once
    at_the_start,       ///< the input begins with all of it; counts once
    in_the_rest,        ///< what the input has grown by begins with all of it; counts once
    before_it_differs,  ///< the input begins as it does, and is a log of its own; counts twice
    in_the_head,        ///< their first bytes are the same, and no more is known; counts twice
    in_a_line,  ///< as in_the_rest, but begins in the middle of a line; all but its first counts
                ///< twice
  };
  Place place;
  std::string with;  ///< the name of that content; that of the input for an earlier log of it
  std::uint64_t records = 0;  ///< 0 for in_the_head
};

/// Whole records of an input that are read.
struct LineRange {
  std::uint64_t begin_bytes = 0;
  std::uint64_t end_bytes = 0;
  std::uint64_t first_line = 0;  ///< lines of the file before them
};

/// What a run does with one of its inputs.
struct InputPlan {
  InputChange news = InputChange::known;
  std::optional<std::size_t> log;       ///< of the state: the one that it is or continues
  std::optional<std::size_t> other;     ///< input of this run: the one that it equals or continues
  bool stands_for_log = false;          ///< holds all that `log` has held: one input at most
  std::vector<LineRange> ranges;        ///< what is read, in order; none of an input that is known
  std::uint64_t passed_lines = 0;       ///< records that are taken in and not read
  SeenContent seen;                     ///< afterwards; its records are not counted yet
  bool ends_with_first = false;         ///< nothing but blanks stands before its last line
  std::optional<PackedContent> packed;  ///< by which it is known from now on, if it is compressed
  bool is_continued = false;            ///< its last line is read within another
  bool has_objects = false;             ///< of JSON over several lines: what is read holds some
  std::vector<SharedRecords> shared;
  std::vector<std::size_t> ended;  ///< logs whose last line, which had no end, is read within it
  /// Where what the input continues had a last line without an end and the input ends that line:
  /// the content up to that end.
  std::optional<EarlierContent> start_with_end;
  std::optional<std::size_t> replaced;  ///< the log of its name, which no input holds any more
};

/// A longer unfinished last line is not kept in the state: it is billed once it ends.
inline constexpr std::uint64_t kMaxLastLineBytes = std::uint64_t{64} << 10;

}  // namespace billing
