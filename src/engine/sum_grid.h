#pragma once

// Adds up events of few users while they are hot, in a grid that stays within the cache: a row for
// each user, a column for each cycle and task, in the order in which they are met. Finding a sum
// takes no hash of its key and no comparison.
//
//                  May login | May load | June login | ...
//     user 0         sum         sum         sum              a cell: a packed sum, 0 where there
//     user 1         sum          0          sum              is none
//     ...
//
// Where columns run out, rows become longer, as long as those of all users find room; then sums
// move on as records and columns are given anew. Users beyond the last row have no cells: where
// most events are theirs, or sums move on for little, the grid is left out for the rest of the
// input (then see combiner.h).

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/packed_sum.h"

namespace billing {

/// One thread.
class SumGrid {
 public:
  SumGrid() { forget_columns(); }

  /// The cell of a sum that is packed; null where it has none. `user` and `task` are numbers of the
  /// meter. Valid until make_room() or drain().
  std::uint64_t* cell(std::uint32_t user, std::int64_t cycle, std::uint32_t task) {
    ++events_;
    if (user >= rows() || task >= kTasks) [[unlikely]] {
      ++misses_;
      return nullptr;
    }
    CycleColumns& columns = cycles_[home_of(cycle)];
    if (columns.cycle != cycle || columns.of_task[task] == kUnknown) [[unlikely]] {
      if (!give_column(cycle, task, columns)) return nullptr;
    }
    if (user > last_user_) last_user_ = user;
    return &cells_[(std::size_t{user} << column_bits_) + columns.of_task[task]];
  }

  /// Whether there was a key without a column, or it is time to look whether the grid is of use:
  /// then make_room().
  bool wants_room() const { return is_full_ || events_ >= kTrialEvents; }

  /// Makes longer rows, or calls `visit(user, cycle, task, packed sum)` for each sum and forgets
  /// them all; see useful().
  template <class Visit>
  void make_room(const Visit& visit) {
    const bool is_missed = misses_ * 2 > events_;
    events_ = misses_ = 0;
    if (!is_missed && (!is_full_ || lengthen_rows())) return;
    drain(visit);
    if (is_missed) give_up();
  }

  template <class Visit>
  void drain(const Visit& visit) {
    std::uint64_t calls = 0;
    std::uint64_t sums = 0;
    for (std::uint32_t user = 0; user <= last_user_ && !cells_.empty(); ++user) {
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        std::uint64_t& cell = cells_[(std::size_t{user} << column_bits_) + column];
        if (cell == 0) continue;
        calls += PackedSum::calls_of(cell);
        ++sums;
        visit(user, columns_[column].cycle, columns_[column].task, cell);
        cell = 0;
      }
    }
    if (calls < sums * kUsefulReduction) give_up();
    forget_columns();
  }

  bool useful() const { return is_useful_; }

 private:
  static constexpr std::size_t kCells = std::size_t{128} * 1024;  // 1 MB
  static constexpr unsigned kFirstColumnBits = 6;
  static constexpr unsigned kLastColumnBits = 12;
  static constexpr std::uint32_t kTasks = 64;
  static constexpr std::size_t kCycles = 64;
  static constexpr std::uint16_t kUnknown = 0xFFFF;
  static constexpr std::uint64_t kUsefulReduction = 2;
  static constexpr std::size_t kTrialEvents = 16 * 1024;

  struct Column {
    std::int64_t cycle;
    std::uint32_t task;
  };

  /// The columns of one cycle's tasks; kUnknown where there is none yet.
  struct CycleColumns {
    std::int64_t cycle;
    std::array<std::uint16_t, kTasks> of_task;
  };

  /// Spreads cycles that follow each other, at whatever distance, over all places.
  static std::size_t home_of(std::int64_t cycle) {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(cycle) * 0x9E3779B97F4A7C15 >> 58);
  }
  static_assert(kCycles == std::size_t{1} << (64 - 58));

  std::size_t rows() const { return kCells >> column_bits_; }
  bool give_column(std::int64_t cycle, std::uint32_t task, CycleColumns& columns);
  bool lengthen_rows();
  void forget_columns();
  void give_up();

  std::vector<std::uint64_t> cells_;  ///< none before the first column
  unsigned column_bits_ = kFirstColumnBits;
  std::uint32_t last_user_ = 0;  ///< that has a cell
  std::vector<Column> columns_;
  std::array<CycleColumns, kCycles> cycles_;  ///< by home_of()
  bool is_full_ = false;
  bool is_useful_ = true;
  std::size_t events_ = 0;  ///< of the trial under way
  std::size_t misses_ = 0;  ///< of these, without a row
};

}  // namespace billing
