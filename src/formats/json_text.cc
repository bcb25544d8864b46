#include "formats/json_text.h"

#include <cstdint>

#include "base/ascii_digit.h"

namespace billing {
namespace {

bool is_number(std::string_view token) {
  std::size_t at = token.starts_with('-') ? 1 : 0;
  const auto take_digits = [&] {
    const std::size_t begin = at;
    while (at < token.size() && is_digit(token[at])) ++at;
    return at - begin;
  };
  const std::size_t begin = at;
  const std::size_t whole = take_digits();
  if (whole == 0 || (whole > 1 && token[begin] == '0')) return false;
  if (at < token.size() && token[at] == '.') {
    ++at;
    if (take_digits() == 0) return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (take_digits() == 0) return false;
  }
  return at == token.size();
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The four hex digits at `at`; -1 where there are none.
int code_unit(std::string_view text, std::size_t at) {
  if (text.size() < at + 4) return -1;
  int unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int value = hex_value(text[i]);
    if (value < 0) return -1;
    unit = unit * 16 + value;
  }
  return unit;
}

std::size_t write_utf8(char* to, std::uint32_t code_point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  const auto rest = [&](unsigned shift) { return byte(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) {
    to[0] = byte(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    to[0] = byte(0xC0 | code_point >> 6);
    to[1] = rest(0);
    return 2;
  }
  if (code_point < 0x10000) {
    to[0] = byte(0xE0 | code_point >> 12);
    to[1] = rest(6);
    to[2] = rest(0);
    return 3;
  }
  to[0] = byte(0xF0 | code_point >> 18);
  to[1] = rest(12);
  to[2] = rest(6);
  to[3] = rest(0);
  return 4;
}

/// Behind a backslash and its `u` at `at`. Takes both halves of a pair.
std::optional<std::uint32_t> take_code_point(std::string_view text, std::size_t& at) {
  const int first = code_unit(text, at);
  if (first < 0) return std::nullopt;
  at += 4;
  if (first < 0xD800 || first > 0xDFFF) return static_cast<std::uint32_t>(first);
  const bool has_second = first < 0xDC00 && text.substr(at).starts_with("\\u");
  const int second = has_second ? code_unit(text, at + 2) : -1;
  if (second < 0xDC00 || second > 0xDFFF) return std::nullopt;
  at += 6;
  return 0x10000 + (static_cast<std::uint32_t>(first - 0xD800) << 10) +
         static_cast<std::uint32_t>(second - 0xDC00);
}

char escaped_character(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

}  // namespace

bool is_json_scalar(std::string_view token) {
  if (token.empty()) return false;
  if (is_digit(token[0]) || token[0] == '-') return is_number(token);
  return token == "true" || token == "false" || token == "null";
}

std::optional<std::string_view> unescape_json(std::string_view text, BatchText& texts) {
  char* const to = texts.reserve(text.size());  // an escape is longer than what it stands for
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      to[size++] = text[at++];
      continue;
    }
    if (++at == text.size()) return std::nullopt;
    const char kind = text[at++];
    if (kind == 'u') {
      const auto code_point = take_code_point(text, at);
      if (!code_point) return std::nullopt;
      size += write_utf8(to + size, *code_point);
    } else {
      to[size] = escaped_character(kind);
      if (to[size++] == '\0') return std::nullopt;
    }
  }
  return texts.keep(size);
}

}  // namespace billing
