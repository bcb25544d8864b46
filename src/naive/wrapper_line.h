#pragma once

// A line of a wrapped log, taken apart.

#include <optional>
#include <string>
#include <string_view>

#include "billing/record_format.h"

namespace billing::naive {

struct WrappedLine {
  std::string text;       ///< what the program wrote, without the line end
  bool is_error = false;  ///< to stderr
  bool is_whole = true;   ///< its line end was there
};

/// `line` is without its end. Nothing where it has not the wrapper's form.
std::optional<WrappedLine> parse_wrapped(Wrapper wrapper, std::string_view line);

}  // namespace billing::naive
