#pragma once

// Bytes from outside made harmless for a terminal and readable for people, and still exact: `\\`,
// `\t`, `\r`, `\n`, and `\xHH` for each byte of another control character and for each
// byte that is not valid UTF-8. In messages also for what cannot be seen, or changes the order of
// what stands around it: U+00A0, U+200B to U+200F, U+202A to U+202E, U+2066 to U+2069, U+FEFF.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace billing {

/// Appends at most the first `max_bytes` of `bytes` escaped for a message; `…(+N bytes)` stands for
/// the rest.
void append_escaped(std::string& out, std::string_view bytes,
                    std::size_t max_bytes = std::string_view::npos);

/// The same for a file, in which characters that nobody sees stand as they are.
void append_escaped_for_file(std::string& out, std::string_view bytes);

/// The same for a text of `all_bytes` of which only the start is at hand; `…(+N bytes)` stands for
/// the rest.
void append_escaped_for_file(std::string& out, std::string_view start, std::uint64_t all_bytes);

/// `'text'`, escaped and cut to a length that fits into a message.
std::string quoted_text(std::string_view text);

/// All of it, escaped for a message, without quotes.
std::string escaped_text(std::string_view bytes);

}  // namespace billing
