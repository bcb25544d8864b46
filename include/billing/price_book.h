#pragma once

// The price book: a rate per task, and where each rate came from.
//
//     std::vector<std::string> mistakes;
//     const PriceBook prices = PriceBook::build(
//         {{{"login", "0.004", "defaults"}}, {{"login", "0.005", "contract 17"}}}, mistakes);
//     // mistakes is empty, and a unit of quantity of `login` costs 0.005

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/group_by.h"
#include "billing/int128.h"
#include "billing/usage_key.h"

namespace billing {

/// A rate as somebody wrote it, before it is checked.
struct RateSetting {
  std::string task;     ///< as it stands in records
  std::string decimal;  ///< in currency units for a unit of quantity: see parse_decimal()
  std::string
      source;  ///< for messages and the summary: `environment`, `.env:3`; with marks: see tell()
  bool is_of_all_others = false;  ///< of every task that has no rate of its own
};

/// A rate that was checked.
struct Rate {
  std::string task;
  std::string decimal;  ///< as it was written
  std::string source;
  Uint128 price = 0;  ///< of a unit of quantity, in units of 10^-12 of the currency
};

/// Immutable after building; any number of threads may read it. An empty one has no rates.
class PriceBook {
 public:
  /// `layers` come from the lowest to the highest precedence: a rate of a later one replaces that
  /// of an earlier one. Appends every mistake (a task twice in one layer, a task that no record can
  /// have, a malformed decimal) to `mistakes`, as a sentence with its source. Do not use the book
  /// where there are any. Does not throw Error.
  static PriceBook build(const std::vector<std::vector<RateSetting>>& layers,
                         std::vector<std::string>& mistakes);

  /// Those of tasks, ordered by task (bytes).
  const std::vector<Rate>& rates() const { return rates_; }

  /// What usage must keep apart for a statement by `shown` at these prices. Rates per task ask for
  /// nothing beyond what is shown.
  UsageKey usage_key(const GroupBy& shown) const;

  /// Of every task that stands in no rate; its task is `*`.
  const std::optional<Rate>& rate_of_all_others() const { return others_; }

  /// Null where the task has no rate. Valid as long as the book, and until it is moved or assigned
  /// to.
  const Rate* find(std::string_view task) const;

 private:
  std::vector<Rate> rates_;
  std::optional<Rate> others_;
};

}  // namespace billing
