#pragma once

#include <cstddef>
#include <string_view>

namespace billing {

/// Columns of a terminal that the text fills: two for most characters of East Asia and for emoji,
/// none for marks that stand over the letter before. `text` is UTF-8; each byte that is not, and
/// each control character, counts as one. Any thread.
std::size_t text_columns(std::string_view text);

}  // namespace billing
