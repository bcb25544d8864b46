#pragma once

// Where lines of a log begin and end.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace billing {

/// The place behind the last whole line of bytes that begin with a line.
inline std::uint64_t last_border(std::string_view bytes) {
  return bytes.rfind('\n') + 1;  // npos + 1 = 0
}

inline std::uint64_t line_ends_in(std::string_view bytes) {
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

/// Where the line after the one that ends at a place begins; the end of the bytes where none does.
/// Nothing where the place lies within a line. Blanks at its end do not change a record.
inline std::optional<std::uint64_t> border_behind(std::string_view bytes, std::uint64_t at_bytes) {
  if (at_bytes == 0 || bytes[at_bytes - 1] == '\n') return at_bytes;
  const std::size_t next = bytes.find_first_not_of(" \t\r", at_bytes);
  if (next == std::string_view::npos) return bytes.size();
  return bytes[next] == '\n' ? std::optional<std::uint64_t>(next + 1) : std::nullopt;
}

/// How many records end within [begin, end) of some bytes; `begin` is where a line begins.
inline std::uint64_t records_in(std::string_view bytes, std::uint64_t begin, std::uint64_t end) {
  const bool ends_later = bytes[end - 1] != '\n' && border_behind(bytes, end);
  return line_ends_in(bytes.substr(begin, end - begin)) + (ends_later ? 1 : 0);
}

}  // namespace billing
