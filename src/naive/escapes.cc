#include "naive/escapes.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "naive/ascii.h"
#include "naive/unicode.h"

namespace billing::naive {
namespace {

/// `\uXXXX`, cut off `text`.
std::optional<std::uint32_t> take_unit(std::string_view& text) {
  const std::string_view digits = text.substr(std::min<std::size_t>(2, text.size()), 4);
  if (!text.starts_with("\\u") || digits.size() != 4) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), is_hex_digit)) return std::nullopt;
  std::uint32_t unit = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
  text.remove_prefix(6);
  return unit;
}

bool take_code(std::string_view& text, std::string& out) {
  auto code = take_unit(text);
  if (!code) return false;
  if (*code >= 0xD800 && *code <= 0xDBFF) {
    const auto low = take_unit(text);
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
    *code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
  } else if (*code >= 0xDC00 && *code <= 0xDFFF) {
    return false;
  }
  append_code_point(out, *code);
  return true;
}

}  // namespace

bool take_escape(std::string_view& text, std::string_view letters, std::string& out) {
  if (text.size() < 2) return false;
  const char letter = text[1];
  if (letter == 'u') return take_code(text, out);
  if (letters.find(letter) == letters.npos) return false;
  text.remove_prefix(2);
  constexpr std::string_view kNamed = "bfnrt";
  constexpr std::string_view kMeant = "\b\f\n\r\t";
  const std::size_t place = kNamed.find(letter);
  out += place == kNamed.npos ? letter : kMeant[place];
  return true;
}

}  // namespace billing::naive
