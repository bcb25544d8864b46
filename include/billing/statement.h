#pragma once

// Rating: sums x price book -> statement lines, each rounded once.
//
//     RatingOptions options;
//     options.prices = &prices;
//     options.append_cycle_label = [&](std::int64_t cycle, std::string& out) {
//       months->append_label(cycle, out);
//     };
//     const Rater rater(options, sums->tasks());
//     for (const auto reader = sums->read(); reader->next(block);) {
//       reader->load(block);
//       totals += rater.rate(block.rows, lines);
//     }

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

/// One line of the bill. Parts of the key that RatingOptions::group_by drops are empty or 0.
struct StatementLine {
  std::string_view user;  ///< valid as long as Sum::user is
  std::int64_t cycle;     ///< its label is the cycle policy's
  std::uint32_t task;     ///< index into Sums::tasks()
  std::uint64_t calls;
  std::int64_t quantity;  ///< in units of 10^-digits: see QuantityRules
  Int128 cost;            ///< rounded, in units of 10^-RoundingRule::scale: see append_amount()
};

/// What the lines add up to. Add up the totals of blocks with +=.
struct StatementTotals {
  std::uint64_t lines = 0;
  std::uint64_t calls = 0;
  Int128 quantity = 0;
  Int128 billed = 0;  ///< sum of the rounded costs, in units of 10^-scale
  Int128 exact = 0;   ///< sum of the exact costs, in units of 10^-exact_decimals()

  /// Throws Error(run) where an amount would not fit into 128 bits; nothing ever wraps.
  StatementTotals& operator+=(const StatementTotals& other);
};

struct RatingOptions {
  GroupBy group_by;                   ///< what the lines keep apart
  RoundingRule rounding;              ///< of each line's cost
  const PriceBook* prices = nullptr;  ///< must outlive the rater; a task without a rate costs 0
  /// Appends the label of a cycle, only to name a key in an error; needed when grouped by cycle.
  std::function<void(std::int64_t cycle, std::string& out)> append_cycle_label = {};
  QuantityRules quantity = {};  ///< of the sums
};

/// Looks up the rate of every task once, which takes 16 bytes a task. Immutable after construction:
/// any number of threads may rate at once, each with lines of its own.
class Rater {
 public:
  /// Copies both. `tasks` are those of the sums that will be rated.
  Rater(const RatingOptions& options, const TaskNames& tasks);

  /// Replaces `lines` by the statement lines of `rows` and returns their totals. `rows` are one
  /// block of Sums, so that no line is cut, and of the key that PriceBook::usage_key() gives for
  /// `group_by`, so that a line's rows follow each other. Throws Error(run) that names the key
  /// where the magnitude of a quantity reaches 2^63 or that of an exact cost 2^127;
  /// std::invalid_argument for sums of more than one part of the time line.
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
