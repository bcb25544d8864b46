#include "naive/unicode.h"

#include <array>
#include <cstddef>

namespace billing::naive {
namespace {

constexpr std::size_t kMaxNameBytes = 255;

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7F && code <= 0x9F); }

}  // namespace

/// The shapes of a sequence:
///
///     0xxxxxxx   110xxxxx 10xxxxxx   1110xxxx 10xxxxxx ...   11110xxx 10xxxxxx ... ...
std::optional<std::uint32_t> take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(text[i]);
  };
  const std::uint32_t lead = byte(0);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const bool is_lead = lead < 0x80 || (lead >= 0xC0 && lead < 0xF8);
  if (!is_lead || text.size() < size) return std::nullopt;
  std::uint32_t code = size == 1 ? lead : lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = (code << 6) | (byte(i) & 0x3F);
  }
  constexpr std::array<std::uint32_t, 5> kSmallestOfSize{0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallestOfSize[size] || code > 0x10FFFF || is_surrogate) return std::nullopt;
  text.remove_prefix(size);
  return code;
}

void append_code_point(std::string& out, std::uint32_t code) {
  const auto append = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    append(code);
    return;
  }
  if (code < 0x800) {
    append(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      append(0xE0 | code >> 12);
    } else {
      append(0xF0 | code >> 18);
      append(0x80 | (code >> 12 & 0x3F));
    }
    append(0x80 | (code >> 6 & 0x3F));
  }
  append(0x80 | (code & 0x3F));
}

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const auto code = take_code_point(text);
    if (!code || is_control(*code)) return false;
  }
  return true;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes && is_clean_text(text);
}

}  // namespace billing::naive
