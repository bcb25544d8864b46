#include <string>

#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/statement.h"

namespace billing {
namespace {

constexpr std::uint64_t kQuantityLimit = std::uint64_t{1} << 63;
constexpr int kAmountBits = 127;

constexpr std::string_view kQuantityOverflow =
    "the quantity reaches 2^63 ms; no bill is that large: look for wrong durations in the input, "
    "or "
    "bill a shorter time (--since, --until) or more cycles";
constexpr std::string_view kCostOverflow =
    "the cost reaches 2^127 units of 10^-12; look for a wrong rate or wrong durations, or bill a "
    "shorter time (--since, --until) or more cycles";
constexpr std::string_view kTotalOverflow =
    "the total of all lines reaches 2^127 units of 10^-12; look for a wrong rate or wrong "
    "durations, "
    "or bill a shorter time (--since, --until)";

[[noreturn, gnu::cold]] void throw_total_overflow() {
  throw Error(ErrorKind::run, std::string(kTotalOverflow));
}

bool fits_amount(Uint128 amount) { return amount >> kAmountBits == 0; }

/// quantity < 2^63, so that a price of 64 bits takes one multiplication and cannot overflow.
/// False where the product leaves 127 bits.
bool multiply(std::uint64_t quantity, Uint128 price, Uint128& cost) {
  if (price >> 64 == 0) [[likely]] {
    cost = Uint128{quantity} * static_cast<std::uint64_t>(price);
    return true;
  }
  return !__builtin_mul_overflow(Uint128{quantity}, price, &cost) && fits_amount(cost);
}

/// Both are below 2^127: the sum cannot wrap before it is looked at.
void add_to_total(Uint128& total, Uint128 amount) {
  total += amount;
  if (!fits_amount(total)) [[unlikely]]
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
    : options_(options), tasks_(tasks), prices_(tasks.size()) {
  if (options.prices == nullptr) return;
  for (const Rate& rate : options.prices->rates()) {
    const std::size_t task = tasks.find(rate.task);
    if (task < tasks.size()) prices_[task] = rate.price_per_ms;
  }
}

StatementTotals Rater::rate(std::span<const Sum> rows, std::vector<StatementLine>& lines) const {
  StatementTotals totals;
  lines.clear();
  lines.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size();) {
    const Sum& first = rows[row];
    std::uint64_t calls = 0;
    std::uint64_t quantity = 0;
    Uint128 exact = 0;
    do {
      add_row(rows[row], calls, quantity, exact);
      ++row;
    } while (row < rows.size() && same_line(first, rows[row]));

    const Uint128 cost = round_amount(exact, options_.rounding);
    const std::uint32_t task = options_.group_by.task ? first.task : 0;
    lines.push_back({first.user, first.cycle, task, calls, quantity, cost});
    totals.calls += calls;
    totals.quantity += quantity;
    add_to_total(totals.billed, cost);
    add_to_total(totals.exact, exact);
  }
  totals.lines = lines.size();
  return totals;
}

void Rater::add_row(const Sum& row, std::uint64_t& calls, std::uint64_t& quantity,
                    Uint128& exact) const {
  calls += row.calls;
  quantity = add_saturating(quantity, row.quantity);
  if (quantity >= kQuantityLimit) [[unlikely]]
    throw_overflow(row, kQuantityOverflow);
  Uint128 cost = 0;
  const bool fits = multiply(row.quantity, prices_[row.task], cost);
  exact += cost;
  if (!fits || !fits_amount(exact)) [[unlikely]]
    throw_overflow(row, kCostOverflow);
}

/// Parts that are not grouped by are alike in all rows.
bool Rater::same_line(const Sum& a, const Sum& b) const {
  if (options_.group_by.task && a.task != b.task) return false;
  return a.cycle == b.cycle && a.user == b.user;
}

void Rater::throw_overflow(const Sum& row, std::string_view what) const {
  throw Error(ErrorKind::run, key_name(row) + ": " + std::string(what));
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
