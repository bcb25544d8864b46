#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace billing {

/// Takes the first line off `text`, with its LF: what stands before it, or all where there is none.
inline std::string_view next_line(std::string_view& text) {
  const std::size_t size = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return line;
}

}  // namespace billing
