#pragma once

// The equations that show that nothing was lost. Checked on every run.

#include <cstdint>
#include <string>

#include "billing/control_totals.h"
#include "billing/statement.h"
#include "partials/keyed_record.h"
#include "partials/row_blocks.h"

namespace billing {

/// records = accepted + rejected + filtered + duplicates + blank + directives, where records are
/// counted apart from what became of them. Throws Error(run).
void check_record_balance(const std::string& name, const InputTotals& totals);

/// The same, and all bytes that there were to be read belong to records. Throws Error(run).
void check_input_balance(const std::string& name, std::uint64_t input_bytes,
                         const InputTotals& totals);

/// Records balance, and the accepted events, as counted while decoding, equal what the statement's
/// lines add up to.
/// Throws Error(run).
void check_statement_balance(const InputTotals& totals, const StatementTotals& statement);

/// Checks usage in the same way: rows, and records that are kept. Throws Error(run).
void check_usage_balance(const InputTotals& totals, const RowTotals& rows,
                         const KeyedTotals& records);

}  // namespace billing
