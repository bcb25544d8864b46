#include "engine/sum_grid.h"

#include <algorithm>

namespace billing {

/// Of a cycle that shares its place with another one, too: columns of both are found again.
bool SumGrid::give_column(std::int64_t cycle, std::uint32_t task, CycleColumns& columns) {
  if (columns.cycle != cycle) {
    columns.cycle = cycle;
    columns.of_task.fill(kUnknown);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].cycle == cycle)
        columns.of_task[columns_[i].task] = static_cast<std::uint16_t>(i);
    }
    if (columns.of_task[task] != kUnknown) return true;
  }
  if (columns_.size() == std::size_t{1} << column_bits_) {
    is_full_ = true;
    return false;
  }
  if (cells_.empty()) cells_.resize(kCells);
  columns.of_task[task] = static_cast<std::uint16_t>(columns_.size());
  columns_.push_back({cycle, task});
  return true;
}

/// False where the rows of all users would not find room.
bool SumGrid::lengthen_rows() {
  const unsigned bits = column_bits_ + 1;
  if (bits > kLastColumnBits || last_user_ >= kCells >> bits) return false;
  // The last row first: each finds its new place empty, as those behind it have moved on.
  for (std::size_t user = last_user_; user > 0; --user) {
    std::uint64_t* const row = &cells_[user << column_bits_];
    std::copy_n(row, columns_.size(), &cells_[user << bits]);
    std::fill_n(row, columns_.size(), 0);
  }
  column_bits_ = bits;
  is_full_ = false;
  return true;
}

void SumGrid::forget_columns() {
  columns_.clear();
  for (CycleColumns& columns : cycles_) {
    columns.cycle = 0;
    columns.of_task.fill(kUnknown);
  }
  last_user_ = 0;
  is_full_ = false;
}

void SumGrid::give_up() {
  is_useful_ = false;
  cells_ = {};
}

}  // namespace billing
