#pragma once

// UTF-8, one character at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace billing::naive {

/// Cuts one UTF-8 sequence off `text`, which is not empty. Nothing where it is not the shortest
/// form of a Unicode scalar value.
std::optional<std::uint32_t> take_code_point(std::string_view& text);

/// Appends a scalar value as UTF-8.
void append_code_point(std::string& out, std::uint32_t code);

/// Valid UTF-8 without control characters, of any length.
bool is_clean_text(std::string_view text);

/// The same of 1 to 255 bytes: what users and tasks may be called.
bool is_name(std::string_view text);

}  // namespace billing::naive
