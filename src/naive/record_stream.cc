#include "naive/record_stream.h"

#include <algorithm>

#include "billing/rejected_record.h"

namespace billing::naive {

RecordStream::RecordStream(std::istream& stream, const RecordFormat& format,
                           std::uint64_t max_bytes)
    : stream_(stream),
      has_quotes_(format.family == FormatFamily::csv && format.has_quotes),
      kept_bytes_(std::max<std::uint64_t>(max_bytes + 1, kMaxKeptRecordBytes)) {}

bool RecordStream::next(RawRecord& record) {
  text_.clear();
  record = {};
  record.offset_bytes = offset_bytes_;
  record.line = line_;
  char last = 0;
  char before_last = 0;
  for (char c = 0; stream_.get(c);) {
    ++record.bytes;
    before_last = last;
    last = c;
    if (text_.size() < kept_bytes_) text_ += c;
    if (has_quotes_ && c == '"') is_in_quotes_ = !is_in_quotes_;
    if (c != '\n') continue;
    ++line_;
    if (!is_in_quotes_) break;
  }
  if (record.bytes == 0) return false;
  offset_bytes_ += record.bytes;
  const bool has_end = last == '\n';
  const bool has_cr = has_end ? before_last == '\r' : last == '\r';
  record.lines = line_ - record.line + (has_end ? 0 : 1);
  record.text_bytes = record.bytes - (has_end ? 1 : 0) - (has_cr ? 1 : 0);
  record.text = std::string_view(text_).substr(0, record.text_bytes);
  return true;
}

}  // namespace billing::naive
