#pragma once

// Bytes from outside made harmless for a terminal and readable for people, and still exact: `\\`,
// `\t`, `\r`, `\n`, and `\xHH` for each byte of another control character and for each
// byte that is not valid UTF-8.

#include <cstddef>
#include <string>
#include <string_view>

namespace billing {

/// Appends `bytes` escaped.
void append_escaped(std::string& out, std::string_view bytes);

/// The same for at most the first `max_bytes` of `bytes`; `…(+N bytes)` stands for the rest.
void append_escaped(std::string& out, std::string_view bytes, std::size_t max_bytes);

/// `'text'`, escaped and cut to a length that fits into a message.
std::string quoted_text(std::string_view text);

}  // namespace billing
