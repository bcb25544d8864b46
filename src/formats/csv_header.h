#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

/// Whether a table's first record that is not blank was found, whole.
struct CsvHeader {
  bool is_whole = false;
  bool is_broken = false;  ///< its quotes are wrong
  std::vector<std::string> columns;
};

/// The names of columns: trimmed of spaces; one that is empty is `column4`. `is_whole_input`:
/// nothing follows `bytes`, which may begin with a byte order mark.
CsvHeader read_csv_header(std::string_view bytes, bool is_whole_input, char separator,
                          bool has_quotes);

/// Parts a row into cells, by one character at a time; false where its quotes are wrong. `ends` are
/// the places behind each cell.
bool split_csv_row(std::string_view row, char separator, bool has_quotes,
                   std::vector<std::uint32_t>& ends);

/// What stands between the quotes of a cell, with one quote in place of two: written to `to`, which
/// has room for all of it. Returns the bytes written.
std::size_t copy_unquoted(std::string_view between_quotes, char* to);

/// The text of a cell that is quoted or not: without quotes, and with one in place of two.
std::string csv_cell_text(std::string_view cell, bool has_quotes);

}  // namespace billing
