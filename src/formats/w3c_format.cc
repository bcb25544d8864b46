#include "formats/w3c_format.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "formats/batch_filler.h"
#include "formats/field_names.h"
#include "formats/field_sources.h"
#include "formats/fields_lines.h"
#include "formats/line_scanner.h"
#include "formats/missing_word.h"
#include "formats/unknown_fields.h"

namespace billing {
namespace {

constexpr std::size_t kNoCell = static_cast<std::size_t>(-1);

class W3cFormat final : public InputFormat {
 public:
  explicit W3cFormat(const RecordFormat& format);

  bool may_be_cut_at_lines() const override { return false; }
  std::unique_ptr<RecordCutter> make_cutter(bool at_input_start,
                                            std::uint64_t /*max_record_bytes*/) const override {
    return make_fields_cutter(columns_, at_input_start);
  }
  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override;
  std::uint32_t task_column(std::string_view record) const override {
    return task_column_at(record, nullptr);
  }
  std::uint32_t task_column_at(std::string_view record, const RecordState* state) const override;
  std::shared_ptr<const RecordState> state_behind(std::shared_ptr<const RecordState> state,
                                                  std::string_view records,
                                                  bool at_input_start) const override {
    return columns_behind(std::move(state), records, at_input_start);
  }

 private:
  friend class W3cDecoder;

  RecordMapper mapper_;
  char separator_;
  std::vector<std::string> columns_;       ///< before any line names some
  std::vector<std::string> seen_columns_;  ///< those that a mapping may ask for
  std::vector<std::string> missing_words_;
  std::vector<FieldSource> sources_;  ///< by place in the mapper's fields; raw: of seen_columns_
};

W3cFormat::W3cFormat(const RecordFormat& format)
    : InputFormat(format),
      mapper_(format),
      separator_(format.separator),
      columns_(format.columns),
      seen_columns_(format.seen_columns),
      missing_words_(format.missing_words) {
  const auto place_of = [this](const std::string& name) -> std::optional<std::size_t> {
    const auto found = std::find(seen_columns_.begin(), seen_columns_.end(), name);
    if (found == seen_columns_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - seen_columns_.begin());
  };
  for (const FieldName& name : mapper_.fields()) {
    const auto source = source_for(mapper_, sources_.size(), format, place_of);
    if (!source) {
      fail_unknown_field(name.name,
                         "the log's #Fields:", with_derived_names(seen_columns_, format.aliases));
    }
    sources_.push_back(*source);
  }
}

/// Takes lines apart, one after the other, by the columns that hold at each.
class W3cDecoder {
 public:
  /// `state` holds at the first line; null: at an input's start.
  W3cDecoder(const W3cFormat& format, const RecordState* state) : format_(format) {
    use(columns_in(state, format.columns_));
  }

  void run(const RecordBytes& records, std::uint64_t max_record_bytes, BatchFiller& filler) {
    LineScanner lines(records, max_record_bytes);
    for (Line line; lines.next(line);) take(line, lines.offset_bytes(line), filler);
  }

  /// Finds the cells of a line; says which is the flaw, where there are more or fewer of them than
  /// columns.
  std::optional<std::uint32_t> split(const Line& line) {
    cells_.clear();
    for (const char* at = line.begin;;) {
      const void* const found =
          std::memchr(at, format_.separator_, static_cast<std::size_t>(line.end - at));
      const char* const end = found == nullptr ? line.end : static_cast<const char*>(found);
      cells_.push_back({at, static_cast<std::size_t>(end - at)});
      if (found == nullptr) break;
      at = end + 1;
    }
    // What stands behind the last column may be blanks at the line's end.
    while (cells_.size() > column_count_ && cells_.back().empty()) cells_.pop_back();
    if (cells_.size() == column_count_) return std::nullopt;
    const char* const at = cells_.size() < column_count_ ? line.end : cells_[column_count_].data();
    return static_cast<std::uint32_t>(at - line.record);
  }

  void fill(const Line& line, Field* fields, BatchText& texts) const {
    RequestParts request;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (format_.sources_[i].is_of_time) continue;
      if (places_[i] == kNoCell) {
        fields[i].set({}, 0);
        continue;
      }
      std::string_view text = cells_[places_[i]];
      const auto at = static_cast<std::uint32_t>(text.data() - line.record);
      if (is_missing_word(format_.missing_words_, text)) text = {};
      const FieldSource& source = format_.sources_[i];
      if (source.what != Derived::as_it_stands && !text.empty()) {
        text = request.derived(source, text, texts);
        if (is_missing_word(format_.missing_words_, text)) text = {};
      }
      fields[i].set(text, at);
    }
  }

 private:
  void use(const std::vector<std::string>& columns) {
    column_count_ = columns.size();
    places_.clear();
    for (const FieldSource& source : format_.sources_) {
      const auto found =
          std::find(columns.begin(), columns.end(), format_.seen_columns_[source.raw]);
      places_.push_back(found == columns.end() ? kNoCell
                                               : static_cast<std::size_t>(found - columns.begin()));
    }
  }

  void take(const Line& line, std::uint64_t offset_bytes, BatchFiller& filler) {
    const auto reject = [&](RejectReason reason, std::uint32_t column) {
      filler.reject(reason, column, offset_bytes, line.length_bytes());
    };
    if (line.is_too_long) return reject(RejectReason::too_long, 1);
    if (is_blank(line)) return filler.blank();
    if (*line.begin == '#') {
      const auto columns = columns_of(line.text());
      const bool is_obeyed =
          static_cast<std::uint64_t>(line.end - line.record) <= kMaxFieldsLineBytes;
      if (columns && !is_obeyed) return reject(RejectReason::too_long, 1);
      if (columns) use(*columns);
      return filler.directive();
    }
    if (column_count_ == 0) return reject(RejectReason::bad_record, 1);
    if (const auto flaw = split(line)) return reject(RejectReason::field_count, *flaw + 1);
    fill(line, filler.fields(), filler.texts());
    filler.take(offset_bytes, line.length_bytes());
  }

  const W3cFormat& format_;
  std::size_t column_count_ = 0;
  std::vector<std::size_t> places_;  ///< by source: its cell
  std::vector<std::string_view> cells_;
};

MediationCounts W3cFormat::mediate(const RecordBytes& records, const MediationOptions& options,
                                   EventBatch& batch, const BatchSink& on_batch,
                                   const RejectSink& on_reject) const {
  BatchFiller filler(mapper_, records, batch, on_batch, on_reject);
  W3cDecoder(*this, records.start).run(records, options.max_record_bytes, filler);
  return filler.finish(records.bytes.size());
}

std::uint32_t W3cFormat::task_column_at(std::string_view record, const RecordState* state) const {
  std::vector<Field> fields(mapper_.fields().size());
  BatchText texts;
  LineScanner lines({record, record.size(), true}, record.size());
  Line line;
  W3cDecoder decoder(*this, state);
  if (!lines.next(line) || decoder.split(line)) return 1;
  decoder.fill(line, fields.data(), texts);
  return mapper_.task_at(fields.data(), texts) + 1;
}

}  // namespace

std::shared_ptr<const InputFormat> make_w3c_format(const RecordFormat& format) {
  return std::make_shared<W3cFormat>(format);
}

}  // namespace billing
