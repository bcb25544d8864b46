#pragma once

// Which wrapper stands around the lines of an input.

#include <functional>

#include "billing/choose_format.h"

namespace billing {

/// What a sample of a wrapped input holds, as a sample.
InputSample unwrapped_sample(Wrapper wrapper, LogStream stream, const InputSample& sample);

/// The wrapper that at least nine in ten of the first lines have the form of, just as its writer
/// makes it.
Wrapper likely_wrapper(const InputSample& sample);

/// `choose` decides on the format of text without a wrapper. Where no wrapper is said, those are
/// tried that nearly all of the first lines have the form of: one is taken where more events are
/// found in it than beside it, or where nothing is found beside it.
FormatChoice choose_wrapped(const FormatSettings& settings, const InputSample& sample,
                            const std::function<FormatChoice(const InputSample&)>& choose);

}  // namespace billing
