#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/int128.h"
#include "billing/statement.h"

namespace billing {
namespace {

/// Amounts are below 2^127 by magnitude, quantities of lines below 2^63.
constexpr Int128 kNoAmount = static_cast<Int128>(Uint128{1} << 127);

bool fits_line(Int128 quantity) {
  const auto low = static_cast<std::int64_t>(quantity);
  return low == quantity && low != std::numeric_limits<std::int64_t>::min();
}

constexpr std::string_view kTotalOverflow =
    "the total of all lines leaves 127 bits; look for a wrong rate or wrong quantities, or bill a "
    "shorter time (\1since, \1until)";

/// False, and `sum` unusable, where it leaves 127 bits.
bool add(Int128& sum, Int128 amount) { return !__builtin_add_overflow(sum, amount, &sum); }

/// Adds what a quantity costs; false where that leaves 127 bits.
bool add_cost(Int128 quantity, Uint128 price, Int128& exact) {
  const auto small = static_cast<std::int64_t>(quantity);
  Int128 cost = Int128{small} * static_cast<std::int64_t>(price);
  if (price >> 63 != 0 || small != quantity) [[unlikely]] {
    if (__builtin_mul_overflow(quantity, static_cast<Int128>(price), &cost)) return false;
  }
  return add(exact, cost);
}

[[noreturn, gnu::cold]] void throw_total_overflow() {
  throw Error(ErrorKind::run, std::string(kTotalOverflow));
}

void add_to_total(Int128& total, Int128 amount) {
  if (!add(total, amount) || total == kNoAmount) [[unlikely]]
    throw_total_overflow();
}

}  // namespace

StatementTotals& StatementTotals::operator+=(const StatementTotals& other) {
  lines += other.lines;
  calls += other.calls;
  quantity += other.quantity;
  add_to_total(billed, other.billed);
  add_to_total(exact, other.exact);
  return *this;
}

Rater::Rater(const RatingOptions& options, const TaskNames& tasks)
    : options_(options),
      rounder_(options.rounding, exact_decimals(options.quantity)),
      tasks_(tasks),
      prices_(tasks.size()) {
  if (options.prices == nullptr) return;
  if (const auto& others = options.prices->rate_of_all_others())
    std::fill(prices_.begin(), prices_.end(), others->price);
  for (const Rate& rate : options.prices->rates()) {
    const std::size_t task = tasks.find(rate.task);
    if (task < tasks.size()) prices_[task] = rate.price;
  }
}

StatementTotals Rater::rate(std::span<const Sum> rows, std::vector<StatementLine>& lines) const {
  const AmountRounder rounder = rounder_;
  std::uint64_t all_calls = 0;
  Int128 all_quantity = 0;
  Int128 all_billed = 0;
  Int128 all_exact = 0;
  bool fits = true;
  std::uint32_t parts = 0;
  lines.clear();
  lines.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size();) {
    const Sum& first = rows[row];
    std::uint64_t calls = 0;
    Int128 quantity = 0;
    Int128 exact = 0;
    do {
      const Sum& sum = rows[row];
      calls += sum.calls;
      quantity += sum.quantity;
      parts |= sum.part;
      if (!add_cost(sum.quantity, prices_[sum.task], exact)) [[unlikely]]
        throw_overflow(rows.subspan(row), quantity - sum.quantity);
      ++row;
    } while (row < rows.size() && same_line(first, rows[row]));
    if (!fits_line(quantity) || exact == kNoAmount) [[unlikely]]
      throw_overflow(rows.subspan(row - 1, 1), quantity - rows[row - 1].quantity);

    const Int128 cost = rounder.round(exact);
    const std::uint32_t task = options_.group_by.task ? first.task : 0;
    lines.push_back(
        {first.user, first.cycle, task, calls, static_cast<std::int64_t>(quantity), cost});
    all_calls += calls;
    all_quantity += quantity;
    fits &= add(all_billed, cost);
    fits &= add(all_exact, exact);
  }
  if (!fits || all_billed == kNoAmount || all_exact == kNoAmount) [[unlikely]]
    throw_total_overflow();
  if (parts != 0) throw std::invalid_argument("rates per task do not know parts of the time line");
  return {lines.size(), all_calls, all_quantity, all_billed, all_exact};
}

/// Parts that are not grouped by are alike in all rows.
bool Rater::same_line(const Sum& a, const Sum& b) const {
  if (options_.group_by.task && a.task != b.task) return false;
  return a.cycle == b.cycle && a.user == b.user;
}

void Rater::throw_overflow(std::span<const Sum> rest, Int128 quantity) const {
  const Sum& row = rest.front();
  for (const Sum& sum : rest) {
    if (!same_line(row, sum)) break;
    quantity += sum.quantity;
  }
  if (!fits_line(quantity)) throw_quantity_overflow(row);
  throw_cost_overflow(row);
}

void Rater::throw_quantity_overflow(const Sum& row) const {
  const std::string smallest =
      options_.quantity.digits == 0
          ? ""
          : "units of 10^-" + std::to_string(options_.quantity.digits) + " ";
  throw Error(ErrorKind::run,
              key_name(row) + ": the quantity reaches 2^63 " + smallest + options_.quantity.unit +
                  "; no bill is that large: look for wrong durations in the input, or bill a "
                  "shorter time (\1since, \1until) or more cycles");
}

void Rater::throw_cost_overflow(const Sum& row) const {
  throw Error(ErrorKind::run,
              key_name(row) + ": the cost reaches 2^127 units of 10^-" +
                  std::to_string(exact_decimals(options_.quantity)) +
                  "; look for a wrong rate or wrong durations, or bill a shorter time (\1since, "
                  "\1until) or more cycles");
}

std::string Rater::key_name(const Sum& row) const {
  std::string name;
  const auto begin_part = [&name](std::string_view introduction) {
    if (!name.empty()) name += ' ';
    name += introduction;
  };
  if (options_.group_by.user) {
    begin_part("");
    append_escaped(name, row.user);
  }
  if (options_.group_by.cycle) {
    begin_part("cycle=");
    options_.append_cycle_label(row.cycle, name);
  }
  if (options_.group_by.task) {
    begin_part("task=");
    append_escaped(name, tasks_[row.task]);
  }
  return name;
}

}  // namespace billing
