#pragma once

// A format of the table, or of a definition, with what is said and what is usual filled in.

#include <string>

#include "billing/choose_format.h"
#include "billing/named_formats.h"
#include "billing/record_format.h"

namespace billing {

/// The row of a name. Throws Error(configuration) that lists the names for another one.
const NamedFormat& format_called(const std::string& name);

/// `sample` tells the columns of a table, and which of the usual names there are. Throws
/// Error(configuration) where a field for the time, the user or the quantity is neither said nor
/// usual, or a setting is wrong.
RecordFormat settled_format(const FormatSettings& settings, const NamedFormat& row,
                            const InputSample& sample);

/// Of FormatSettings::log_format.
RecordFormat settled_definition(const FormatSettings& settings);

}  // namespace billing
