#include "render/reject_writer.h"

#include "base/escape_text.h"
#include "render/escape.h"

namespace billing {

void append_reject_row(std::string& out, std::string_view file, const RejectedRecord& reject,
                       bool csv_safe) {
  std::string escaped;
  append_escaped_for_file(escaped, file);
  append_csv_cell(out, escaped, csv_safe);
  out += ',';
  out += std::to_string(reject.line);
  out += ',';
  out += std::to_string(reject.offset_bytes);
  out += ',';
  out += reject_reason_name(reject.reason);
  out += ',';
  escaped.clear();
  append_escaped_for_file(escaped, reject.record, reject.record_bytes);
  append_csv_cell(out, escaped, csv_safe);
  out += '\n';
}

}  // namespace billing
