#pragma once

// How the records of a log were read, as a state keeps it: a last line is read by it where the log
// is not at hand, and a log that has grown is read on in the same way.

#include <string>
#include <string_view>

#include "billing/record_format.h"

namespace billing {

/// Everything but the quantity's rules and the filters, which are those of the whole state. Empty
/// for `text` without a wrapper. Throws Error(configuration) where it is more than a state keeps of
/// a log.
std::string kept_format(const RecordFormat& format);

/// The other way round. Throws Error(configuration) where this program does not know what is said.
RecordFormat format_kept_as(std::string_view kept);

/// `--user 'id' until now, 'name' from here on, ...`; empty where records are read alike. Of long
/// values the part that differs is shown.
std::string describe_format_change(const RecordFormat& before, const RecordFormat& now);

}  // namespace billing
