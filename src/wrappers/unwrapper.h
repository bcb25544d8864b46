#pragma once

// A wrapped log as the text that its program wrote, in a stream: lines in, lines out, and for each
// of these the place in the input that it comes from. Records are cut of the text afterwards.
//
// A line of the input is one of these: a part of the text; a line of a stream that is not read (a
// directive); a blank; or a reject: one without the wrapper's form, one that is too long, or parts
// that are too long together. Rejects stand beside the text: before the first line of the text that
// ends behind them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "billing/record_source.h"
#include "billing/reject.h"
#include "wrappers/wrapper_line.h"

namespace billing {

/// Where a line of the text comes from; of parts that were joined, the first.
struct LinePlace {
  std::uint64_t text_at = 0;       ///< in the text
  std::uint64_t line = 0;          ///< in the input, from 1
  std::uint64_t offset_bytes = 0;  ///< in the input
};

/// A reject that is no part of the text.
struct RejectedLine {
  LinePlace place;  ///< `text_at`: how much text there was before
  RejectReason reason = RejectReason::bad_record;
  std::string record;  ///< at most its first kMaxKeptRecordBytes
  std::uint64_t record_bytes = 0;
};

struct UnwrappedText {
  std::string text;               ///< each line ends with a LF
  std::vector<LinePlace> places;  ///< by line of the text; text within a log may have more of them
  std::vector<RejectedLine> rejects;
  std::uint64_t wrapped_bytes = 0;  ///< of the input
  std::uint64_t blanks = 0;
  std::uint64_t directives = 0;

  /// Of the line that holds a byte of the text.
  const LinePlace& place_of(std::uint64_t text_at) const;
  /// Lines of the input that are no part of the text.
  std::uint64_t lines_beside() const { return rejects.size() + blanks + directives; }

  /// Moves what comes before byte `end` of the text, which a line ends at, to `front`. Counts go
  /// along, and of the rejects those that stand before byte `rejects_end`.
  void split(std::size_t end, std::uint64_t rejects_end, UnwrappedText& front);
};

/// Of one input, from a line on at which nothing waits to be joined. Memory: of each stream one
/// line that is not whole yet, at most `max_record_bytes` of it, or kMaxKeptRecordBytes.
class Unwrapper {
 public:
  /// `first_byte`: where that line begins in the input. Lines are counted from it on.
  Unwrapper(Wrapper wrapper, LogStream stream, std::uint64_t max_record_bytes,
            std::uint64_t first_byte = 0);

  /// Appends what the next lines of the input hold. The last may lack its end.
  void add(std::string_view lines, UnwrappedText& out);
  /// A line that was too long to be kept whole.
  void add_cut(std::string_view kept, const CutRecord& cut, UnwrappedText& out);
  /// The input has ended: what was to be joined stays as it is.
  void finish(UnwrappedText& out);

  /// Whether parts of a line have come that further ones go on with.
  bool has_parts() const { return pending_[0].is_open || pending_[1].is_open; }

 private:
  /// The parts of a line that is not whole yet.
  struct Pending {
    bool is_open = false;
    LinePlace place;
    std::string text;
    std::uint64_t bytes = 0;
    char last = '\0';
  };

  void add_line(std::string_view line, std::uint64_t bytes, UnwrappedText& out);
  void append(Pending& pending, std::string_view text) const;
  void complete(Pending& pending, UnwrappedText& out) const;

  WrapperReader reader_;
  LogStream stream_;
  std::uint64_t max_record_bytes_;
  std::uint64_t line_ = 0;
  std::uint64_t offset_bytes_ = 0;
  std::array<Pending, 2> pending_;  // of stdout, of stderr
};

/// The lines of `bytes`, the last of which may lack its end. `is_whole`: nothing follows them.
UnwrappedText unwrapped(Wrapper wrapper, LogStream stream, std::string_view bytes, bool is_whole,
                        std::uint64_t max_record_bytes);

}  // namespace billing
