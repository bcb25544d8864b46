#pragma once

// From a record's fields to the integer that is billed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "billing/record_format.h"
#include "naive/decimal.h"
#include "naive/quantity_units.h"
#include "naive/record_values.h"
#include "naive/selector.h"

namespace billing::naive {

struct Quantity {
  std::optional<std::int64_t> value;  ///< nothing: missing or bad
  std::uint32_t column;
  bool is_missing = false;
  QuantityRounding rounding = {};
  bool is_stand_in = false;  ///< a constant, as the fields before it are missing
};

/// Immutable.
class QuantityRule {
 public:
  /// Throws Error(configuration) where units do not go together.
  QuantityRule(const std::string& setting, const std::string& selector, const RecordFormat& format,
               const RecordValues& values);

  Quantity of(const RecordValues& values) const;

 private:
  enum class State { missing, bad, good };
  /// In nanoseconds, bytes or the run's unit.
  struct Amount {
    State state;
    Decimal value;
    std::uint32_t column;
  };
  /// What a number of a source counts; nothing: it carries its own unit.
  using Factor = std::optional<std::uint64_t>;

  Factor factor_of(const std::string& setting, const Source& source,
                   const RecordValues& values) const;
  Amount sum_of(std::size_t place, const RecordValues& values) const;
  /// Of a number that is_part of a sum, see fits_sum().
  Amount amount_of(const Source& source, Factor factor, const RecordValues& values,
                   bool is_part) const;
  Amount upstream_sum(const Value& value, Factor factor) const;
  std::optional<Decimal> parse(std::string_view text, Factor factor, bool has_comma,
                               bool is_part) const;
  Quantity finished(const Amount& amount) const;

  Selector selector_;
  std::vector<std::vector<Factor>> factors_;  // as the selector's sources
  QuantityRules rules_;
  Unit unit_;  // of the run
  DecimalRules decimals_;
  bool has_upstreams_;
  bool rounds_;
};

}  // namespace billing::naive
