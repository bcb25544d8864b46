#pragma once

// What keeps text from outside inside of its cell or string.

#include <string>
#include <string_view>

namespace billing {

/// Appends a CSV cell (RFC 4180): in quotes, with quotes doubled, where it holds , " CR or LF. With
/// `csv_safe` a ' comes before text that begins with = + - @, which spreadsheets take for a
/// formula.
void append_csv_cell(std::string& out, std::string_view text, bool csv_safe);

/// Appends a JSON string with its quotes. `text` is valid UTF-8 without control characters below
/// U+0020, so that only " and \ need an escape.
void append_json_string(std::string& out, std::string_view text);

}  // namespace billing
