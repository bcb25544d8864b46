#pragma once

// The price book: a rate per task, and where each rate came from.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/group_by.h"
#include "billing/int128.h"
#include "billing/usage_key.h"

namespace billing {

/// One `RATE_<task>=<decimal>` or `--rate task=decimal`, before it is checked.
struct RateSetting {
  std::string task;
  std::string decimal;
  std::string source;  ///< for messages and the summary: `--rate`, `environment`, `.env:3`
};

struct Rate {
  std::string task;
  std::string decimal;  ///< as it was written
  std::string source;
  Uint128 price = 0;  ///< of a unit of quantity: integer of 10^-12 currency units
};

/// Immutable after building; may be read by any number of threads.
class PriceBook {
 public:
  /// Layers from the lowest to the highest precedence; a higher one wins. Every mistake (a task
  /// twice in one layer, a task that no record can have, a malformed decimal) is appended to
  /// `mistakes` as a full sentence with its source.
  static PriceBook build(const std::vector<std::vector<RateSetting>>& layers,
                         std::vector<std::string>& mistakes);

  /// Rates ordered by task (bytes).
  const std::vector<Rate>& rates() const { return rates_; }

  /// What usage must keep apart, so that a statement that shows `shown` can be made of it. Rates
  /// per task ask for nothing beyond what is shown.
  UsageKey usage_key(const GroupBy& shown) const;

  /// Null where the task has no rate. The pointer lives as long as the book.
  const Rate* find(std::string_view task) const;

 private:
  std::vector<Rate> rates_;
};

}  // namespace billing
