#include "naive/json_documents.h"

#include <algorithm>
#include <string_view>

#include "billing/rejected_record.h"

namespace billing::naive {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space(int c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Without a LF at the end, nor a CR before it.
std::uint64_t without_line_end(std::uint64_t size, char before_last, char last) {
  if (size > 0 && last == '\n') {
    --size;
    last = before_last;
  }
  return size > 0 && last == '\r' ? size - 1 : size;
}

}  // namespace

JsonDocuments::JsonDocuments(std::istream& stream, JsonLayout layout, std::uint64_t max_bytes)
    : stream_(stream),
      layout_(layout),
      kept_bytes_(std::max<std::uint64_t>(max_bytes + 1, kMaxKeptRecordBytes)),
      expected_(layout == JsonLayout::array ? Expected::array : Expected::object_or_end) {}

bool JsonDocuments::take(char& c) {
  if (!stream_.get(c)) return false;
  ++bytes_;
  if (c == '\n') ++line_;
  return true;
}

/// Takes what stands before a record. True where a byte is next that begins one, or does not belong
/// where it stands.
bool JsonDocuments::is_at_record() {
  char c = 0;
  if (bytes_ == 0 && stream_.peek() == static_cast<unsigned char>(kByteOrderMark[0])) {
    // Whatever else begins so is garbage.
    for (const char wanted : kByteOrderMark) {
      if (stream_.peek() != static_cast<unsigned char>(wanted)) return true;
      take(c);
    }
  }
  for (int next = stream_.peek(); next != std::istream::traits_type::eof(); next = stream_.peek()) {
    const bool may_end = expected_ == Expected::first || expected_ == Expected::comma;
    if (is_space(next)) {
      // may stand anywhere
    } else if (next == '[' && expected_ == Expected::array) {
      expected_ = Expected::first;
    } else if (next == ',' && expected_ == Expected::comma) {
      expected_ = Expected::object;
    } else if (next == ']' && may_end) {
      expected_ = Expected::nothing;
    } else {
      return true;
    }
    take(c);
  }
  return false;
}

bool JsonDocuments::next(RawRecord& record) {
  record = {};
  text_.clear();
  if (is_at_end_) return false;
  const bool has_record = is_at_record();
  record.offset_bytes = bytes_;
  record.line = line_;
  record.lines = 1;
  if (!has_record) {
    is_at_end_ = true;
    record.is_broken = layout_ == JsonLayout::array && expected_ != Expected::nothing &&
                       expected_ != Expected::array;
    return record.is_broken;
  }
  const bool may_begin = expected_ == Expected::first || expected_ == Expected::object ||
                         expected_ == Expected::object_or_end;
  if (stream_.peek() == '{' && may_begin) {
    read_object(record);
  } else {
    read_garbage(record);
  }
  record.text = std::string_view(text_).substr(0, record.text_bytes);
  if (record.is_broken) stop();
  return true;
}

/// To the bracket that closes the first one; of which kind either is, is seen when it is parsed.
void JsonDocuments::read_object(RawRecord& record) {
  int depth = 0;
  bool is_in_string = false;
  bool is_escaped = false;
  char last = 0;
  char before_last = 0;
  for (char c = 0; take(c);) {
    ++record.text_bytes;
    before_last = last;
    last = c;
    if (text_.size() < kept_bytes_) text_ += c;
    if (is_escaped) {
      is_escaped = false;
    } else if (is_in_string && c == '\\') {
      is_escaped = true;
    } else if (c == '"') {
      is_in_string = !is_in_string;
    } else if (!is_in_string && (c == '{' || c == '[')) {
      ++depth;
    } else if (!is_in_string && (c == '}' || c == ']')) {
      --depth;
      if (depth > 0) continue;
      if (layout_ == JsonLayout::array) expected_ = Expected::comma;
      return;
    }
  }
  record.is_broken = true;
  record.text_bytes = without_line_end(record.text_bytes, before_last, last);
}

/// To the end of its line, but not far.
void JsonDocuments::read_garbage(RawRecord& record) {
  constexpr std::size_t kMostBytes = 1024;
  char c = 0;
  while (text_.size() < kMostBytes && c != '\n' && take(c)) text_ += c;
  const char before_last = text_.size() > 1 ? text_[text_.size() - 2] : '\0';
  record.text_bytes = without_line_end(text_.size(), before_last, text_.back());
  record.is_broken = true;
}

void JsonDocuments::stop() {
  for (char c = 0; take(c);) continue;
  is_at_end_ = true;
}

}  // namespace billing::naive
