#pragma once

// Letters and digits of ASCII, whatever the locale.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace billing::naive {

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

inline bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// `digits` holds digits only, so few that the number fits.
inline std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value;
}

/// Cuts the digits off the beginning of `text`, at most `most` of them.
inline std::string_view take_digits(std::string_view& text,
                                    std::size_t most = std::string_view::npos) {
  std::size_t size = 0;
  while (size < text.size() && size < most && is_digit(text[size])) ++size;
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

/// Where `0` stands in the pattern the text must have a digit, where `A` a letter, elsewhere the
/// pattern's own byte.
inline bool looks_like(std::string_view text, std::string_view pattern) {
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(), [](char c, char p) {
    return p == '0' ? is_digit(c) : p == 'A' ? is_letter(c) : c == p;
  });
}

/// Without the spaces and tabs around it.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace billing::naive
