#pragma once

// Rating: sums x price book -> statement lines, each rounded once.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/group_by.h"
#include "billing/money.h"
#include "billing/price_book.h"
#include "billing/quantity.h"
#include "billing/sums.h"

namespace billing {

/// One line of the bill. Parts that `--group-by` drops are empty or 0.
struct StatementLine {
  std::string_view user;  ///< points where Sum::user pointed
  std::int64_t cycle;
  std::uint32_t task;  ///< index into Sums::tasks()
  std::uint64_t calls;
  std::int64_t quantity;  ///< see QuantityRules
  Int128 cost;            ///< units of 10^-scale
};

/// What the lines add up to. Add up the totals of blocks with +=.
struct StatementTotals {
  std::uint64_t lines = 0;
  std::uint64_t calls = 0;
  Int128 quantity = 0;
  Int128 billed = 0;  ///< sum of the rounded lines, units of 10^-scale
  Int128 exact = 0;   ///< sum of the exact costs, units of 10^-(12 + digits of the quantity)

  /// Throws Error(run) where an amount leaves 127 bits: never a wrap.
  StatementTotals& operator+=(const StatementTotals& other);
};

struct RatingOptions {
  GroupBy group_by;
  RoundingRule rounding;
  const PriceBook* prices = nullptr;  ///< must outlive the rater; a task without a rate costs 0
  /// Appends the label of a cycle, only to name a key in an error; needed when grouped by cycle.
  std::function<void(std::int64_t cycle, std::string& out)> append_cycle_label = {};
  QuantityRules quantity = {};  ///< of the sums
};

/// Looks every rate's task up once. Const after construction: several threads may rate at once.
/// Memory: 16 bytes a task.
class Rater {
 public:
  /// `tasks` are those of the Sums.
  Rater(const RatingOptions& options, const TaskNames& tasks);

  /// The rows must be of the key that PriceBook::usage_key() gives for what is grouped by: then a
  /// line's rows follow each other. Throws std::invalid_argument for parts of the time line.
  ///
  /// Replaces `lines` by the statement lines of `rows` (one block of Sums, so lines are whole) and
  /// returns their totals. Throws Error(run) that names the key where a quantity reaches 2^63 or an
  /// exact cost 2^127, by magnitude.
  StatementTotals rate(std::span<const Sum> rows, std::vector<StatementLine>& lines) const;

 private:
  bool same_line(const Sum& a, const Sum& b) const;
  [[noreturn]] void throw_overflow(std::span<const Sum> rest_of_line, Int128 before) const;
  [[noreturn]] void throw_quantity_overflow(const Sum& row) const;
  [[noreturn]] void throw_cost_overflow(const Sum& row) const;
  std::string key_name(const Sum& row) const;

  RatingOptions options_;
  AmountRounder rounder_;
  TaskNames tasks_;
  std::vector<Uint128> prices_;  ///< by task index
};

}  // namespace billing
