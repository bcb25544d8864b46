#pragma once

// Records that end at a line end before which an even number of quotes stands since the input's
// start: where they end, and how many there are. Knows nothing of cells.

#include <cstdint>
#include <memory>
#include <string_view>

#include "billing/record_source.h"
#include "billing/simd_level.h"

namespace billing {

/// `bytes` begin with a record. Behind the first one that ends at byte `from` or later; the end
/// where none does.
std::size_t quoted_record_end(std::string_view bytes, std::size_t from);

/// The second count of records of whole ones; the last may lack its end.
std::uint64_t count_quoted_records(std::string_view bytes, SimdLevel simd);

/// `has_header`: the first record that is not blank is none of the data; until it has passed, the
/// cutter says so (see is_before_header()).
std::unique_ptr<RecordCutter> make_quoted_cutter(bool has_quotes, bool has_header);

/// Whether a header is yet to come where records have this state.
bool is_before_header(const RecordState* state);

}  // namespace billing
