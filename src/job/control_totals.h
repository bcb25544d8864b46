#pragma once

// The equations that prove that nothing was lost. Checked on every run.

#include "billing/control_totals.h"
#include "billing/statement.h"
#include "io/input.h"
#include "partials/row_blocks.h"

namespace billing {

/// records = accepted + rejected + filtered + blank; and of a mapped input, all its bytes belong to
/// records. Throws Error(run).
void check_input_balance(const Input& input, const InputTotals& totals);

/// The accepted events, as counted while decoding, equal what the statement's lines add up to.
/// Throws Error(run).
void check_statement_balance(const InputTotals& totals, const StatementTotals& statement);

/// The same for rows of usage. What a saturated quantity stands for is refused when it is rated.
void check_usage_balance(const InputTotals& totals, const RowTotals& rows);

}  // namespace billing
