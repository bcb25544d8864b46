#include "options/choices.h"

#include <fmt/format.h>

#include "base/closest_word.h"
#include "base/escape_text.h"

namespace billing {

std::string describe_unknown(const char* option, const std::string& text,
                             std::span<const std::string_view> names) {
  return fmt::format("{}: unknown {}; use one of {}{}", option, quoted_text(text),
                     fmt::join(names, ", "), did_you_mean(text, names));
}

}  // namespace billing
