#include "reject_table.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/escape_text.h"

namespace billing::python {

void RejectTable::Texts::add(std::string_view text) {
  bytes += text;
  ends.push_back(static_cast<std::int32_t>(bytes.size()));
}

void RejectTable::add(const std::string& input, const RejectedRecord& reject) {
  ++total_;
  // The first that has no room ends the table, so that it is always the beginning of all rejects.
  if (size() + 1 < total_ || size() == max_rejects_) return;
  std::string file;
  append_escaped_for_file(file, input);
  std::string record;
  append_escaped_for_file(record, reject.record, reject.record_bytes);
  if (files_.bytes.size() + records_.bytes.size() + file.size() + record.size() > kMaxTextBytes)
    return;
  files_.add(file);
  lines_.push_back(static_cast<std::int64_t>(reject.line));
  offsets_.push_back(static_cast<std::int64_t>(reject.offset_bytes));
  reasons_.add(reject_reason_name(reject.reason));
  columns_.push_back(reject.column);
  records_.add(record);
}

const std::vector<ArrowField>& RejectTable::fields() {
  static const std::vector<ArrowField> kFields = {{"file", "u", ""},        {"line", "l", ""},
                                                  {"byte_offset", "l", ""}, {"reason", "u", ""},
                                                  {"column", "l", ""},      {"record", "u", ""}};
  return kFields;
}

class RejectTable::Source final : public ArrowSource {
 public:
  explicit Source(std::shared_ptr<const RejectTable> table) : table_(std::move(table)) {}

  const std::vector<ArrowField>& fields() const override { return RejectTable::fields(); }

  std::optional<ArrowRows> next() override {
    if (std::exchange(is_read_, true) || table_->size() == 0) return std::nullopt;
    const auto texts = [](const Texts& all) {
      return ArrowBuffers{{all.ends.data(), all.bytes.data()}};
    };
    ArrowRows rows{static_cast<std::int64_t>(table_->size()), {}, table_};
    rows.columns.push_back(texts(table_->files_));
    rows.columns.push_back({{table_->lines_.data()}});
    rows.columns.push_back({{table_->offsets_.data()}});
    rows.columns.push_back(texts(table_->reasons_));
    rows.columns.push_back({{table_->columns_.data()}});
    rows.columns.push_back(texts(table_->records_));
    return rows;
  }

 private:
  std::shared_ptr<const RejectTable> table_;
  bool is_read_ = false;
};

std::unique_ptr<ArrowSource> RejectTable::read(std::shared_ptr<const RejectTable> table) {
  return std::make_unique<Source>(std::move(table));
}

std::uint64_t add_rejects(RejectTable& table, const std::string& input, const InputFormat& format,
                          std::string_view chunk, std::uint64_t at, std::uint64_t line,
                          std::vector<Reject>& found) {
  std::sort(found.begin(), found.end(),
            [](const Reject& a, const Reject& b) { return a.offset_bytes < b.offset_bytes; });
  std::size_t counted = 0;
  const auto count_to = [&](std::size_t end) {
    if (line > 0) {
      line += static_cast<std::uint64_t>(
          std::count(chunk.begin() + static_cast<std::ptrdiff_t>(counted),
                     chunk.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    }
    counted = end;
  };
  for (const Reject& reject : found) {
    count_to(reject.offset_bytes);
    const std::string_view record =
        format.record_at(chunk.substr(reject.offset_bytes), reject.length_bytes);
    table.add(input, make_rejected_record(line, at + reject.offset_bytes, reject.column,
                                          reject.reason, record, record.size()));
  }
  count_to(chunk.size());
  return line;
}

}  // namespace billing::python
