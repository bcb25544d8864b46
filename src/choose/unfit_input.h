#pragma once

// What can be said of an input that no format fits under its mapping.

#include <string>

#include "billing/choose_format.h"

namespace billing {

/// Fills in what is known of the records' form: all of `choice` but its format, candidates and
/// problem. Where it has a form already, that comes closest, and only the fields are filled in.
/// `sample` are whole records.
void recognise_form(const FormatSettings& settings, const InputSample& sample,
                    FormatChoice& choice);

/// Of JSON and logfmt, whose fields only records tell: which fields there are, and the options that
/// say what they are, where none of `sample` makes an event for want of the fields of its mapping.
/// Empty otherwise.
std::string describe_fields_to_name(const RecordFormat& format, const InputSample& sample);

/// What was tried on `sample`, what its records look like, and what to do.
std::string describe_unfit(const InputSample& sample, const FormatChoice& choice);

}  // namespace billing
