#include "render/reject_writer.h"

#include "base/escape_text.h"
#include "render/escape.h"

namespace billing {

void append_reject_row(std::string& out, const RejectRow& row, bool csv_safe) {
  std::string escaped;
  append_escaped_for_file(escaped, row.file);
  append_csv_cell(out, escaped, csv_safe);
  out += ',';
  out += std::to_string(row.line);
  out += ',';
  out += std::to_string(row.offset_bytes);
  out += ',';
  out += row.reason;
  out += ',';
  escaped.clear();
  append_escaped_for_file(escaped, row.record, kMaxWrittenRecordBytes);
  append_csv_cell(out, escaped, csv_safe);
  out += '\n';
}

}  // namespace billing
