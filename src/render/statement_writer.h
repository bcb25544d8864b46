#pragma once

// Statement lines to bytes, tens of millions of them. All that repeats from line to line is
// prepared once: each part of the key as a piece with what stands around it, so that a line is a
// handful of short copies and numbers.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/cycle_policy.h"
#include "billing/group_by.h"
#include "billing/output_format.h"
#include "billing/statement.h"

namespace billing {

struct StatementFormat {
  OutputFormat format = OutputFormat::text;
  GroupBy group_by;       ///< the one that the lines were rated with
  int scale = 2;          ///< of StatementLine::cost, 0..12
  bool csv_safe = false;  ///< csv only
  QuantityRules quantity = {};
};

/// What stands before the first line: the header of csv with its LF, else nothing.
std::string statement_header(const StatementFormat& format);

/// Not for several threads at once: give each its own.
class StatementWriter {
 public:
  /// `tasks` are those of the Sums. `cycles` must outlive the writer; it may be null unless lines
  /// are grouped by cycle.
  StatementWriter(const StatementFormat& format, const TaskNames& tasks, const CyclePolicy* cycles);

  /// Appends the lines to `out`.
  void append(std::span<const StatementLine> lines, std::string& out);

 private:
  /// Text with room behind it, so that it can be copied in steps of a fixed size.
  struct Piece {
    std::string padded;
    std::size_t size = 0;
  };

  /// What stands around the cell of one part of the key, up to the next part or the first figure.
  struct Frame {
    std::string before;
    std::string after;
  };

  enum class CycleForm { absent, number, label };

  /// A place for the piece of a cycle or a task; the next one that falls on the place replaces it,
  /// so that memory stays bounded whatever number of them a log holds.
  struct CachedPiece {
    std::int64_t key = 0;
    Piece piece;  ///< empty: nothing is cached here
  };

  static void set_piece(Piece& piece, std::string_view text);
  static char* copy(char* to, const Piece& piece);
  void set_frames();
  void set_cell(Piece& piece, const Frame& frame, std::string_view text) const;
  const Piece& cycle_piece(std::int64_t cycle);
  const Piece& task_piece(std::uint32_t task);
  char* write_line(char* to, const StatementLine& line, const Piece& cycle,
                   const Piece& task) const;
  char* write_fraction(char* to, std::int64_t quantity) const;
  char* write_cost(char* to, Int128 cost) const;

  StatementFormat format_;
  TaskNames tasks_;
  const CyclePolicy* cycles_;
  /// Quantities up to this are written as whole numbers; 0 where they have digits after the point.
  static constexpr std::uint64_t kMaxPlain = std::numeric_limits<std::int64_t>::max();
  std::uint64_t max_plain_quantity_;
  CycleForm cycle_form_;

  Frame user_frame_;
  Frame cycle_frame_;
  Frame task_frame_;
  Piece before_number_;  ///< around a cycle that is a number
  Piece after_number_;
  Piece after_calls_;
  Piece after_quantity_;
  Piece after_cost_;

  Piece user_;     ///< of the last line
  Piece no_part_;  ///< for a part that is not kept
  std::vector<CachedPiece> cycle_pieces_;
  std::vector<CachedPiece> task_pieces_;
  std::vector<char> buffer_;
};

}  // namespace billing
