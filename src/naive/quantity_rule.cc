#include "naive/quantity_rule.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "naive/ascii.h"

namespace billing::naive {
namespace {

/// What is more in `rounded`, of so many digits, than in value ÷ divisor cut behind the last digit
/// that is told: in units of that.
Int128 rounding_of(const Decimal& value, std::uint64_t divisor, int digits, std::int64_t rounded) {
  Decimal exact = cut_quotient(value, divisor, kRoundingDigits);
  exact.is_negative = !value.is_negative && !exact.digits.empty();
  Decimal whole{rounded < 0, rounded == 0 ? "" : std::to_string(std::abs(rounded)),
                static_cast<std::uint64_t>(digits)};
  const Decimal difference = sum(whole, exact);
  Int128 units = 0;
  for (const char digit : difference.digits) units = units * 10 + (digit - '0');
  for (std::uint64_t scale = difference.scale; scale < kRoundingDigits; ++scale) units *= 10;
  return difference.is_negative ? -units : units;
}

bool is_upstream(const Source& source) {
  const FieldName* const field = only_field(source);
  return field && source.piece == Source::Piece::whole && field->name.starts_with("upstream_");
}

}  // namespace

QuantityRule::QuantityRule(const std::string& setting, const std::string& selector,
                           const RecordFormat& format, const RecordValues& values)
    : selector_(parse_quantity_selector(selector, format.quantity.unit)),
      rules_(format.quantity),
      unit_(unit_called(rules_.unit).value_or(Unit{Unit::Kind::other, 1})),
      decimals_{format.family != FormatFamily::web && format.family != FormatFamily::w3c,
                format.decimal_comma, rules_.negative},
      has_upstreams_(format.family == FormatFamily::web),
      rounds_(format.excess_digits == ExcessDigits::round) {
  values.check(setting, selector_);
  for (const Alternative& alternative : selector_.alternatives) {
    auto& factors = factors_.emplace_back();
    for (const Source& source : alternative) factors.push_back(factor_of(setting, source, values));
  }
}

QuantityRule::Factor QuantityRule::factor_of(const std::string& setting, const Source& source,
                                             const RecordValues& values) const {
  std::string suffix = source.suffix;
  const FieldName* const field = only_field(source);
  if (suffix.empty() && field) suffix = values.decoder().unit_of(*field);
  if (suffix.empty() || suffix == rules_.unit) return unit_.factor;
  const auto fail = [&] {
    throw Error(ErrorKind::configuration, '\1' + setting + ": " + quoted_text(suffix) +
                                              " cannot be told in the \1unit " +
                                              quoted_text(rules_.unit));
  };
  if (suffix == "auto") {
    if (unit_.kind == Unit::Kind::other) fail();
    return std::nullopt;
  }
  const auto unit = unit_called(suffix);
  if (!unit || unit->kind != unit_.kind) fail();
  return unit->factor;
}

Quantity QuantityRule::of(const RecordValues& values) const {
  std::optional<std::uint32_t> column;
  for (std::size_t i = 0; i < selector_.alternatives.size(); ++i) {
    const Amount amount = sum_of(i, values);
    if (amount.state != State::missing) {
      Quantity quantity = finished(amount);
      quantity.is_stand_in =
          i > 0 && selector_.alternatives[i].front().kind == Source::Kind::constant;
      return quantity;
    }
    if (!column) column = amount.column;
  }
  return {std::nullopt, column.value_or(1), true};
}

/// The first part that is missing or bad makes the whole so.
QuantityRule::Amount QuantityRule::sum_of(std::size_t place, const RecordValues& values) const {
  const Alternative& alternative = selector_.alternatives[place];
  Amount total{State::good, {}, 1};
  for (std::size_t i = 0; i < alternative.size(); ++i) {
    const bool is_part = alternative.size() > 1;
    Amount part = amount_of(alternative[i], factors_[place][i], values, is_part);
    if (part.state != State::good) return part;
    if (alternative[i].is_subtracted && !part.value.digits.empty()) {
      part.value.is_negative = !part.value.is_negative;
    }
    if (!is_part) return part;
    if (i == 0) total.column = part.column;
    const auto value = bounded_sum(total.value, part.value);
    if (!value) return {State::bad, {}, total.column};
    total.value = *value;
  }
  return total;
}

QuantityRule::Amount QuantityRule::amount_of(const Source& source, Factor factor,
                                             const RecordValues& values, bool is_part) const {
  const Value value = values.value(source);
  if (value.is_missing()) return {State::missing, {}, value.column};
  if (value.kind == Value::Kind::composite) return {State::bad, {}, value.column};
  if (has_upstreams_ && is_upstream(source)) return upstream_sum(value, factor);
  const bool is_constant = source.kind == Source::Kind::constant;
  const auto amount = parse(value.text, factor, decimals_.has_comma && !is_constant, is_part);
  if (!amount) return {State::bad, {}, value.column};
  return {State::good, *amount, value.column};
}

/// `0.010, 0.020 : -`: a number for each server that was asked, `-` where none answered.
QuantityRule::Amount QuantityRule::upstream_sum(const Value& value, Factor factor) const {
  Amount total{State::missing, {}, value.column};
  std::string_view rest = value.text;
  while (true) {
    const std::size_t end = rest.find_first_of(",:");
    const std::string_view piece = trimmed(rest.substr(0, end));
    if (piece != "-") {
      const auto amount = parse(piece, factor, false, true);
      const auto added = amount ? bounded_sum(total.value, *amount) : std::nullopt;
      if (!added) return {State::bad, {}, value.column};
      total.value = *added;
      total.state = State::good;
    }
    if (end == rest.npos) return total;
    rest.remove_prefix(end + 1);
  }
}

std::optional<Decimal> QuantityRule::parse(std::string_view text, Factor factor, bool has_comma,
                                           bool is_part) const {
  DecimalRules decimals = decimals_;
  decimals.has_comma = has_comma;
  if (!factor) return parse_with_units(text, unit_.kind, decimals, is_part);
  const auto value = parse_decimal(text, decimals);
  if (!value || (is_part && !fits_sum(*value))) return std::nullopt;
  const Decimal product = times(*value, *factor);
  return !is_part || fits_sum(product) ? std::optional(product) : std::nullopt;
}

Quantity QuantityRule::finished(const Amount& amount) const {
  const Quantity bad{std::nullopt, amount.column, false};
  if (amount.state == State::bad) return bad;
  if (amount.value.is_negative && !rules_.negative) return bad;
  const auto rounded = divided(amount.value, unit_.factor, rules_.digits);
  if (!rounded || (!rounded->is_exact && !rounds_)) return bad;
  if (std::abs(rounded->value) > kMaxQuantity) return bad;
  Quantity quantity{rounded->value, amount.column, false};
  if (!rounded->is_exact)
    quantity.rounding = {1, rounding_of(amount.value, unit_.factor, rules_.digits, rounded->value)};
  return quantity;
}

}  // namespace billing::naive
