#include "formats/csv_header.h"

#include <algorithm>

#include "base/split_list.h"
#include "base/utf8.h"
#include "formats/quoted_records.h"

namespace billing {
namespace {

constexpr char kQuote = '"';

}  // namespace

bool split_csv_row(std::string_view row, char separator, bool has_quotes,
                   std::vector<std::uint32_t>& ends) {
  ends.clear();
  std::size_t at = 0;
  while (true) {
    if (has_quotes && at < row.size() && row[at] == kQuote) {
      ++at;
      while (true) {
        at = row.find(kQuote, at);
        if (at == std::string_view::npos) return false;
        if (!row.substr(at + 1).starts_with(kQuote)) break;
        at += 2;
      }
      ++at;
      if (at < row.size() && row[at] != separator) return false;
    } else {
      const std::size_t end = std::min(row.find(separator, at), row.size());
      if (row.substr(at, end - at).find('\n') != std::string_view::npos) return false;
      at = end;
    }
    ends.push_back(static_cast<std::uint32_t>(at));
    if (at == row.size()) return true;
    ++at;
  }
}

std::size_t copy_unquoted(std::string_view between_quotes, char* to) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < between_quotes.size(); ++i) {
    to[size++] = between_quotes[i];
    if (between_quotes[i] == kQuote) ++i;
  }
  return size;
}

std::string csv_cell_text(std::string_view cell, bool has_quotes) {
  if (!has_quotes || cell.size() < 2 || cell[0] != kQuote) return std::string(cell);
  std::string text(cell.size(), '\0');
  text.resize(copy_unquoted(cell.substr(1, cell.size() - 2), text.data()));
  return text;
}

CsvHeader read_csv_header(std::string_view bytes, bool is_whole_input, char separator,
                          bool has_quotes) {
  CsvHeader header;
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  while (!bytes.empty()) {
    const std::size_t line_end = bytes.find('\n');
    const std::size_t size = has_quotes                           ? quoted_record_end(bytes, 0)
                             : line_end == std::string_view::npos ? bytes.size()
                                                                  : line_end + 1;
    std::string_view row = bytes.substr(0, size);
    const bool has_end = row.ends_with('\n');
    if (!has_end && !is_whole_input) return header;
    if (has_end) row.remove_suffix(1);
    if (row.ends_with('\r')) row.remove_suffix(1);
    bytes.remove_prefix(size);
    if (row.empty()) continue;
    header.is_whole = true;
    std::vector<std::uint32_t> ends;
    header.is_broken = !split_csv_row(row, separator, has_quotes, ends);
    if (header.is_broken) return header;
    std::size_t begin = 0;
    for (const std::uint32_t end : ends) {
      const std::string cell = csv_cell_text(row.substr(begin, end - begin), has_quotes);
      std::string name(trimmed(cell, " \t"));
      if (name.empty()) name = "column" + std::to_string(header.columns.size() + 1);
      header.columns.push_back(std::move(name));
      begin = end + 1;
    }
    return header;
  }
  return header;
}

}  // namespace billing
