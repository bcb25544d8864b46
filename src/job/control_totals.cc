#include "job/control_totals.h"

#include <fmt/format.h>

#include <string>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::run, "control totals do not balance: " + what + "; please report this");
}

}  // namespace

void check_record_balance(const std::string& name, const InputTotals& totals) {
  const std::uint64_t rejected = totals.rejected_total();
  if (totals.records == totals.accepted + rejected + totals.filtered + totals.duplicates +
                            totals.blank + totals.directives)
    return;
  fail(
      fmt::format("{}: {} records, but {} accepted, {} rejected, {} filtered, {} duplicates, {} "
                  "blank, {} directives",
                  quoted_text(name), totals.records, totals.accepted, rejected, totals.filtered,
                  totals.duplicates, totals.blank, totals.directives));
}

void check_input_balance(const std::string& name, std::uint64_t input_bytes,
                         const InputTotals& totals) {
  if (totals.bytes != input_bytes) {
    fail(fmt::format("{} has {} bytes, its records {}", quoted_text(name), input_bytes,
                     totals.bytes));
  }
  check_record_balance(name, totals);
}

void check_statement_balance(const InputTotals& totals, const StatementTotals& statement) {
  check_record_balance("the statement", totals);
  if (totals.events != statement.calls) {
    fail(fmt::format("{} events were accepted, {} stand in the statement", totals.events,
                     statement.calls));
  }
  if (totals.accepted_quantity != statement.quantity) {
    fail(fmt::format("a quantity of {} was accepted, {} stands in the statement",
                     totals.accepted_quantity, statement.quantity));
  }
}

void check_usage_balance(const InputTotals& totals, const RowTotals& rows,
                         const KeyedTotals& records) {
  check_record_balance("the usage", totals);
  const Uint128 calls = rows.calls + records.events;
  const Int128 quantity = rows.quantity + records.quantity;
  if (calls == totals.events && quantity == totals.accepted_quantity) return;
  fail(fmt::format("{} calls and a quantity of {} were accepted, {} and {} stand in the rows",
                   totals.events, totals.accepted_quantity, calls, quantity));
}

}  // namespace billing
