#include "formats/csv_format.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "formats/batch_filler.h"
#include "formats/csv_header.h"
#include "formats/csv_index.h"
#include "formats/missing_word.h"
#include "formats/quoted_records.h"
#include "formats/record_count.h"
#include "formats/row_kernel.h"
#include "formats/unknown_fields.h"

namespace billing {
namespace {

constexpr char kQuote = '"';
/// An end of which the next byte is a text's first.
constexpr std::uint32_t kBeforeText = 0xFFFFFFFF;

/// A record without its line end, and the place at which each of its cells ends.
struct Row {
  const char* record = nullptr;  ///< where it begins: at a byte order mark, if it has one
  std::string_view text;         ///< behind the mark, without the CR of its line end
  std::uint64_t length_bytes = 0;
  /// Of all its cells, counted from `origin`, which is so many bytes before the text. The last ends
  /// with the text, whatever is said here. Before them stands one more, of what is before the text,
  /// so that every cell begins behind an end:
  ///
  ///     text      a n n , l o g i n , 1 2
  ///     ends    -1      3           9     12
  std::span<const std::uint32_t> ends = {};
  std::uint32_t origin = 0;

  std::size_t cell_begin(std::size_t cell) const {
    return *(ends.data() + cell - 1) + 1 - origin;  // of 32 bits, so that 0 follows the largest
  }
  std::size_t cell_end(std::size_t cell) const {
    return cell + 1 == ends.size() ? text.size() : ends[cell] - origin;
  }
};

/// What a row is, once its form is known.
struct RowFlaw {
  RejectReason reason;
  std::uint32_t at;
};

class CsvFormat final : public InputFormat {
 public:
  explicit CsvFormat(const RecordFormat& format);

  std::unique_ptr<RecordCutter> make_cutter(bool at_input_start,
                                            std::uint64_t /*max_record_bytes*/) const override {
    return make_quoted_cutter(has_quotes_, has_header_ && at_input_start);
  }
  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override;
  std::uint32_t task_column(std::string_view record) const override;
  std::size_t record_end(std::string_view bytes, std::size_t from) const override {
    return has_quotes_ ? quoted_record_end(bytes, from) : InputFormat::record_end(bytes, from);
  }
  bool are_lines() const override { return !has_quotes_; }
  std::uint64_t count_records(std::string_view bytes, SimdLevel simd) const override {
    return has_quotes_ ? count_quoted_records(bytes, simd) : count_lines(bytes, simd);
  }

 private:
  friend class CsvDecoder;

  /// Finds a row's cells by itself. `ends` are room for them, which the row refers to.
  bool split_carefully(Row& row, std::vector<std::uint32_t>& ends) const {
    if (!split_csv_row(row.text, separator_, has_quotes_, ends)) return false;
    ends.insert(ends.begin(), kBeforeText);
    row.ends = std::span(ends).subspan(1);
    row.origin = 0;
    return true;
  }
  /// What is wrong with the number of cells.
  std::optional<RowFlaw> check_width(const Row& row) const {
    return row.ends.size() == width_ ? std::nullopt : find_width_flaw(row);
  }
  std::optional<RowFlaw> find_width_flaw(const Row& row) const;
  void fill(const Row& row, Field* fields, BatchText& texts) const {
    if (!fill_bare(row, fields)) fill_with_quotes(row, fields, texts);
  }
  bool fill_bare(const Row& row, Field* fields) const;
  void fill_with_quotes(const Row& row, Field* fields, BatchText& texts) const;
  std::string_view value_of(std::string_view cell, BatchText& texts) const {
    if (cell.size() >= 2 && cell[0] == kQuote && has_quotes_)
      cell = unquoted(cell.substr(1, cell.size() - 2), texts);
    const bool is_missing = !missing_words_.empty() && is_missing_word(missing_words_, cell);
    return is_missing ? std::string_view() : cell;
  }
  static std::string_view unquoted(std::string_view cell, BatchText& texts);

  RecordMapper mapper_;
  char separator_;
  bool has_quotes_;
  bool has_header_;
  std::vector<std::string> missing_words_;
  std::size_t width_;                  ///< columns
  std::vector<std::size_t> places_;    ///< columns of the mapper's fields
  std::optional<RowRules> row_rules_;  ///< for the row kernel, where it can do
};

CsvFormat::CsvFormat(const RecordFormat& format)
    : InputFormat(format),
      mapper_(format),
      separator_(format.separator),
      has_quotes_(format.has_quotes),
      has_header_(format.has_header),
      missing_words_(format.missing_words),
      width_(format.columns.size()) {
  for (const FieldName& name : mapper_.fields()) {
    const auto found = std::find(format.columns.begin(), format.columns.end(), name.name);
    if (found == format.columns.end())
      fail_unknown_field(name.name, has_header_ ? "the header" : "the table", format.columns);
    places_.push_back(static_cast<std::size_t>(found - format.columns.begin()));
  }
  const std::optional<EventRules> event = event_rules_of(mapper_);
  // The kernel takes a CR before a line end for a part of it.
  if (!event || width_ < 2 || !missing_words_.empty() || separator_ == '\r') return;
  const auto column = [this](std::size_t field) {
    return field == EventRules::kNone ? 0 : places_[field];
  };
  row_rules_ = RowRules{*event,
                        column(event->time),
                        column(event->user),
                        column(event->task),
                        column(event->status),
                        column(event->quantity),
                        width_,
                        has_quotes_};
}

/// Cells behind the last column that are empty are none too many.
std::optional<RowFlaw> CsvFormat::find_width_flaw(const Row& row) const {
  const auto mark_bytes = static_cast<std::uint32_t>(row.text.data() - row.record);
  if (row.ends.size() < width_) {
    return RowFlaw{RejectReason::field_count,
                   mark_bytes + static_cast<std::uint32_t>(row.text.size())};
  }
  for (std::size_t i = width_; i < row.ends.size(); ++i) {
    const std::string_view cell =
        row.text.substr(row.cell_begin(i), row.cell_end(i) - row.cell_begin(i));
    const bool is_quoted = has_quotes_ && cell == "\"\"";
    if (!cell.empty() && !is_quoted) {
      return RowFlaw{RejectReason::field_count,
                     mark_bytes + static_cast<std::uint32_t>(row.cell_begin(width_))};
    }
  }
  return std::nullopt;
}

/// Where no cell that is wanted begins with a quote, and none needs to be compared; else false.
inline bool CsvFormat::fill_bare(const Row& row, Field* fields) const {
  if (!missing_words_.empty()) return false;
  const char* const text = row.text.data();
  const auto mark_bytes = static_cast<std::size_t>(text - row.record);
  const std::size_t last = row.ends.size() - 1;
  for (const std::size_t cell : places_) {
    const std::size_t begin = row.cell_begin(cell);
    const std::size_t end = cell == last ? row.text.size() : row.ends[cell] - row.origin;
    if (end != begin && text[begin] == kQuote) return false;
    fields->set({text + begin, end - begin}, static_cast<std::uint32_t>(mark_bytes + begin));
    ++fields;
  }
  return true;
}

void CsvFormat::fill_with_quotes(const Row& row, Field* fields, BatchText& texts) const {
  const auto mark_bytes = static_cast<std::size_t>(row.text.data() - row.record);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::size_t begin = row.cell_begin(places_[i]);
    const std::string_view cell(row.text.data() + begin, row.cell_end(places_[i]) - begin);
    fields[i].set(value_of(cell, texts), static_cast<std::uint32_t>(mark_bytes + begin));
  }
}

/// What stands between a cell's quotes, with one in place of two.
std::string_view CsvFormat::unquoted(std::string_view cell, BatchText& texts) {
  if (cell.find(kQuote) == std::string_view::npos) return cell;
  char* const to = texts.reserve(cell.size());
  return texts.keep(copy_unquoted(cell, to));
}

std::uint32_t CsvFormat::task_column(std::string_view record) const {
  std::vector<std::uint32_t> ends;
  std::vector<Field> fields(places_.size());
  BatchText texts;
  const std::size_t mark_bytes = record.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  Row row{record.data(), record.substr(mark_bytes), record.size()};
  if (!split_carefully(row, ends)) return 1;
  if (check_width(row)) return 1;
  fill(row, fields.data(), texts);
  return mapper_.task_at(fields.data(), texts) + 1;
}

/// One call of mediate(): indexes windows of the bytes, each of which begins with a record.
class CsvDecoder {
 public:
  CsvDecoder(const CsvFormat& format, const RecordBytes& records, const MediationOptions& options,
             BatchFiller& filler)
      : format_(format),
        bytes_(records.bytes),
        readable_bytes_(records.readable_bytes),
        max_record_bytes_(options.max_record_bytes),
        is_before_header_(format.has_header_ &&
                          (records.at_input_start || is_before_header(records.start))),
        mark_bytes_(records.at_input_start && records.bytes.starts_with(kByteOrderMark)
                        ? kByteOrderMark.size()
                        : 0),
        filler_(filler),
        index_(options.simd),
        row_kernel_(format.row_rules_ ? row_kernel(options.simd) : nullptr) {}

  void run() {
    std::size_t window_bytes = kWindowBytes;
    for (std::size_t begin = 0; begin < bytes_.size();) {
      const std::size_t size = std::min(window_bytes, bytes_.size() - begin);
      if (window_bytes > kMaxWindowBytes) {
        begin += take_alone(begin);
        window_bytes = kWindowBytes;
        continue;
      }
      // A mark is no part of the first cell, in which a quote opens only at its beginning.
      const std::size_t mark = begin == 0 ? mark_bytes_ : 0;
      index_.scan({bytes_.data() + begin + mark, size - mark, readable_bytes_ - begin - mark},
                  format_.separator_, format_.has_quotes_);
      const bool is_last = begin + size == bytes_.size();
      const std::size_t used = mark + decode_window(begin + mark, size - mark, is_last);
      if (used == mark && !is_last) {
        window_bytes *= 2;
        continue;
      }
      window_bytes = kWindowBytes;
      begin += used;
    }
  }

 private:
  static constexpr std::size_t kWindowBytes = std::size_t{16} << 10;
  static constexpr std::size_t kMaxWindowBytes = std::size_t{1} << 20;

  /// A record that is longer than any window, whose cells are found one by one if they are wanted.
  /// Returns the bytes that it takes.
  std::size_t take_alone(std::size_t begin) {
    const std::size_t mark = begin == 0 ? mark_bytes_ : 0;
    const std::string_view rest = bytes_.substr(begin + mark);
    const std::size_t end = format_.record_end(rest, 0);
    take(begin + mark, end - (rest[end - 1] == '\n' ? 1 : 0), {}, 0, true);
    return mark + end;
  }

  /// Decodes the records that end in the window that begins at `begin`, of the last window all.
  /// Returns the bytes that they take.
  std::size_t decode_window(std::size_t begin, std::size_t size, bool is_last) {
    const std::span<const std::uint32_t> ends = index_.cell_ends();
    const std::span<const std::uint32_t> record_ends = index_.record_ends();
    odd_ = 0;
    Rows rows{
        bytes_.data() + begin, ends.data(), record_ends.data(), 0, record_ends.size(), 0, begin};
    while (rows.next < rows.count) {
      // The first of a window may be the input's.
      const std::size_t first_cell = rows.next == 0 ? 0 : record_ends[rows.next - 1] + 1;
      const std::size_t last_cell = record_ends[rows.next];
      const std::uint32_t at = rows.next == 0 ? 0 : ends[first_cell - 1] + 1;
      const std::uint32_t end = ends[last_cell];
      take(begin + at, end - at, ends.subspan(first_cell, last_cell - first_cell + 1), at);
      ++rows.next;
      take_quickly(rows, end + 1);
    }
    const std::size_t at = rows.count == 0 ? 0 : ends[record_ends.back()] + 1;
    // Behind a byte order mark alone there is a record of no bytes.
    if (!is_last || (at == size && size > 0)) return at;
    // The last record lacks its line end.
    take(begin + at, size - at, {}, at, true);
    return size;
  }

  /// Takes rows as long as they are as most are, from the one on that begins at `at` of the window.
  void take_quickly(Rows& rows, std::size_t at) {
    if (row_kernel_ == nullptr || is_before_header_) return;
    const std::size_t readable_bytes = readable_bytes_ - rows.offset_bytes;
    if (readable_bytes <= kRowReachBytes) return;
    rows.end = std::min(readable_bytes - kRowReachBytes, odd_block_from(at) * kBlockBytes);
    std::size_t before = 0;
    do {
      before = rows.next;
      row_kernel_(*format_.row_rules_, rows, filler_.batch());
      filler_.joined();
    } while (rows.next != before);
  }

  /// A record at `begin` of `size` bytes without its line end. `ends` are those of its cells in the
  /// window, in which it begins at `at`; of an open record they are not asked for.
  void take(std::size_t begin, std::size_t size, std::span<const std::uint32_t> ends,
            std::size_t at, bool is_open = false) {
    const std::size_t mark_bytes = begin == mark_bytes_ && mark_bytes_ > 0 ? mark_bytes_ : 0;
    // An open quote may have taken in the input's last line end.
    if (is_open && size > 0 && bytes_[begin + size - 1] == '\n') --size;
    std::string_view text = bytes_.substr(begin, size);
    if (text.ends_with('\r')) text.remove_suffix(1);
    Row row{bytes_.data() + begin - mark_bytes, text, size + mark_bytes, ends,
            static_cast<std::uint32_t>(at)};
    const std::uint64_t offset_bytes = begin - mark_bytes;
    const auto reject = [&](RejectReason reason, std::uint32_t column) {
      filler_.reject(reason, column, offset_bytes, row.length_bytes);
    };
    if (!text.empty() && std::exchange(is_before_header_, false)) return filler_.directive();
    if (text.size() + mark_bytes > max_record_bytes_) return reject(RejectReason::too_long, 1);
    if (text.empty()) return filler_.blank();
    if (is_open || is_odd(at, at + size)) {
      if (!format_.split_carefully(row, cells_)) return reject(RejectReason::bad_record, 1);
    }
    if (const auto flaw = format_.check_width(row)) return reject(flaw->reason, flaw->at + 1);
    format_.fill(row, filler_.fields(), filler_.texts());
    filler_.take(offset_bytes, row.length_bytes);
  }

  /// Whether a quote stands where none should in [begin, end] of the window.
  bool is_odd(std::size_t begin, std::size_t end) {
    return odd_block_from(begin) <= end / kBlockBytes;
  }
  /// The first block that holds one and does not end before `begin`, which only ever rises; or one
  /// that is behind all windows.
  std::size_t odd_block_from(std::size_t begin) {
    const std::vector<std::uint32_t>& blocks = index_.odd_blocks();
    while (odd_ < blocks.size() && (blocks[odd_] + 1) * kBlockBytes <= begin) ++odd_;
    return odd_ < blocks.size() ? blocks[odd_] : 2 * kMaxWindowBytes / kBlockBytes;
  }

  const CsvFormat& format_;
  std::string_view bytes_;
  std::size_t readable_bytes_;
  std::uint64_t max_record_bytes_;
  bool is_before_header_;
  std::size_t mark_bytes_;
  BatchFiller& filler_;
  CsvIndex index_;
  RowKernel row_kernel_;
  std::size_t odd_ = 0;  ///< the first odd block that is not behind the record at hand
  std::vector<std::uint32_t> cells_;
};

MediationCounts CsvFormat::mediate(const RecordBytes& records, const MediationOptions& options,
                                   EventBatch& batch, const BatchSink& on_batch,
                                   const RejectSink& on_reject) const {
  BatchFiller filler(mapper_, records, batch, on_batch, on_reject);
  CsvDecoder(*this, records, options, filler).run();
  return filler.finish(records.bytes.size());
}

}  // namespace

std::shared_ptr<const InputFormat> make_csv_format(const RecordFormat& format) {
  return std::make_shared<CsvFormat>(format);
}

}  // namespace billing
