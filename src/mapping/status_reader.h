#pragma once

#include <cstdint>
#include <string_view>

namespace billing {

/// One to three digits, 0..999. No status (`-`, `-1`, an empty text) is 0. False for any other
/// text.
inline bool read_status(std::string_view text, std::uint16_t& status) {
  if (text.size() == 3) [[likely]] {
    const auto digit = [text](std::size_t i) { return static_cast<unsigned char>(text[i] - '0'); };
    const unsigned hundreds = digit(0);
    const unsigned tens = digit(1);
    const unsigned ones = digit(2);
    status = static_cast<std::uint16_t>(hundreds * 100 + tens * 10 + ones);
    return hundreds <= 9 && tens <= 9 && ones <= 9;
  }
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
