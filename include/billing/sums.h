#pragma once

// Sums: what metering ends in and rating begins with.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

/// Calls and quantity of one key. Parts of the key that `--group-by` drops are empty or 0; the task
/// always stays, because a rate belongs to a task.
struct Sum {
  std::string_view user;  ///< points into the Sums it was read from
  std::int64_t cycle;     ///< a cycle of the policy; for `calls:N` the number, from 1
  std::uint32_t task;     ///< index into Sums::tasks()
  std::uint64_t calls;
  std::uint64_t quantity;  ///< saturates at 2^64 - 1: values of 2^63 and above mean overflow
};

/// All sums of a run, ordered by user (bytes), cycle, task (bytes), readable block by block. A
/// block never ends inside of a statement line, and blocks follow each other in order. Immutable;
/// blocks may be read by several threads at once.
class Sums {
 public:
  virtual ~Sums() = default;

  /// Distinct task names, ordered by bytes.
  virtual const std::vector<std::string>& tasks() const = 0;

  virtual std::size_t block_count() const = 0;

  /// Replaces `rows` by the rows of a block. Views stay valid as long as this object lives.
  virtual void read_block(std::size_t block, std::vector<Sum>& rows) const = 0;
};

/// Adds with saturation; see Sum::quantity.
inline std::uint64_t add_saturating(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? ~std::uint64_t{0} : sum;
}

}  // namespace billing
