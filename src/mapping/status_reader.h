#pragma once

#include <cstdint>
#include <string_view>

namespace billing {

/// One to three digits, 0..999. No status (`-`, `-1`, an empty text) is 0. False for any other
/// text.
inline bool read_status(std::string_view text, std::uint16_t& status) {
  status = 0;
  if (text.empty() || text == "-" || text == "-1") return true;
  if (text.size() > 3) return false;
  unsigned number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  status = static_cast<std::uint16_t>(number);
  return true;
}

}  // namespace billing
