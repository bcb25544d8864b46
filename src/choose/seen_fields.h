#pragma once

// Which fields records have, to be shown where nothing says which of them is which. Not for every
// record of a run: this is slow, and takes what is no record of the form lightly.

#include <cstddef>
#include <string_view>
#include <vector>

#include "billing/choose_format.h"
#include "billing/record_format.h"

namespace billing {

/// So many fields are listed at most, in the order in which they are seen first.
inline constexpr std::size_t kMaxSeenFields = 200;

/// Fields of the whole records in `bytes`, which is an input's beginning: keys of objects (those of
/// objects within as paths, lists not), keys of pairs, columns of tables, variables of definitions.
std::vector<SeenField> seen_fields(const RecordFormat& format, std::string_view bytes);

/// Whether a whole record in `bytes` has a value of that name, which is one that seen_fields() may
/// give, however many fields there are.
bool has_value(const RecordFormat& format, std::string_view bytes, std::string_view name);

}  // namespace billing
