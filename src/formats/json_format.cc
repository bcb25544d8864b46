#include "formats/json_format.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "formats/batch_filler.h"
#include "formats/field_sources.h"
#include "formats/json_documents.h"
#include "formats/json_fields.h"
#include "formats/json_kernel.h"
#include "formats/json_object_check.h"
#include "formats/json_shape.h"
#include "formats/json_tokens.h"
#include "formats/json_walk.h"
#include "formats/line_scanner.h"
#include "formats/missing_word.h"
#include "formats/record_count.h"
#include "formats/value_index.h"

namespace billing {
namespace {

class JsonFormat final : public InputFormat {
 public:
  explicit JsonFormat(const RecordFormat& format)
      : InputFormat(format),
        mapper_(format),
        derived_(mapper_, format),
        wanted_(derived_.raw()),
        layout_(format.layout),
        missing_words_(format.missing_words),
        event_rules_(event_rules_of(mapper_)) {
    if (derived_.is_needed() || !missing_words_.empty() || wanted_.names().size() > kMostJsonFields)
      event_rules_.reset();
  }

  std::unique_ptr<RecordCutter> make_cutter(bool at_input_start,
                                            std::uint64_t max_record_bytes) const override;

  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override;
  std::uint32_t task_column(std::string_view record) const override;
  std::size_t record_end(std::string_view bytes, std::size_t from) const override {
    return has_lines() ? InputFormat::record_end(bytes, from)
                       : json_record_end(layout_, bytes, from);
  }
  bool are_lines() const override { return has_lines(); }
  bool begin_lines() const override { return has_lines(); }
  std::uint64_t count_records(std::string_view bytes, SimdLevel simd) const override {
    return has_lines() ? count_lines(bytes, simd) : count_outer_objects(bytes);
  }

 private:
  bool has_lines() const { return layout_ == JsonLayout::lines; }

  friend class JsonDecoder;

  RecordMapper mapper_;
  DerivedFields derived_;
  JsonFields wanted_;
  JsonLayout layout_;
  std::vector<std::string> missing_words_;
  std::optional<EventRules> event_rules_;  ///< for the kernel, where it can make events
};

/// One call of mediate(): takes lines that look like those before by their shape; else indexes the
/// tokens of a window of lines at once, and a line by itself where its window has one that is no
/// JSON.
class JsonDecoder {
 public:
  JsonDecoder(const JsonFormat& format, SimdLevel simd)
      : format_(format),
        kernels_(json_kernels(simd)),
        values_(simd),
        slots_(format.wanted_.slot_count()),
        present_(format.wanted_.slot_count() / 64 + 1),
        raw_(format.derived_.is_needed() ? format.derived_.raw().size() : 0) {}

  void run(const RecordBytes& records, std::uint64_t max_record_bytes, BatchFiller& filler) {
    LineScanner lines(records, max_record_bytes);
    Line line;
    while (!lines.is_at_end()) {
      const std::string_view window =
          windows_to_walk_ == 0 ? indexed_window(lines.rest(), records) : window_from(lines.rest());
      // Behind a byte order mark that is all there is, or one line.
      if (window.empty() || window.size() > kWindowBytes) {
        lines.next(line);
        decode_alone(line, lines.offset_bytes(line), filler);
      } else if (windows_to_walk_ == 0) {
        take_by_shape(lines, window, records, max_record_bytes, filler);
      } else {
        --windows_to_walk_;
        walk(lines, window, filler);
      }
    }
  }

  /// Of records that are no lines. Stops where one is broken: sets `ends_at` and `is_broken`.
  void run_document(const RecordBytes& records, std::uint64_t max_record_bytes, BatchFiller& filler,
                    MediationCounts& counts) {
    using Event = JsonDocumentScanner::Event;
    const char* const base = records.bytes.data();
    const char* const end = base + records.bytes.size();
    const char* at = base;
    const char* begin = base;
    const auto fallback = records.at_input_start ? JsonPlace::input_start : JsonPlace::element;
    JsonDocumentScanner scanner(format_.layout_, json_place_of(records.start, fallback));
    const auto offset = [base](const char* place) {
      return static_cast<std::uint64_t>(place - base);
    };
    const auto end_with = [&](std::uint64_t ends_at, bool is_broken) {
      counts.ends_at = ends_at;
      counts.is_broken = is_broken;
    };
    if (scanner.place() == JsonPlace::ended) return end_with(0, false);
    if (scanner.place() == JsonPlace::cut_off) {
      filler.reject(RejectReason::bad_record, 1, 0, 0);
      return end_with(0, true);
    }
    for (Event event; (event = scanner.next(at, end)) != Event::none;) {
      if (event != Event::ends) {
        begin = at;
        continue;
      }
      if (scanner.place() == JsonPlace::ended) break;  // garbage
      Line line{begin, begin, at, at, base + records.readable_bytes, false};
      line.is_too_long = line.length_bytes() > max_record_bytes;
      if (!take_object(line, offset(begin), filler)) return end_with(offset(begin), true);
    }
    if (!scanner.is_within() && scanner.place() != JsonPlace::ended) return;
    Line line{begin, begin, at, at, base + records.readable_bytes, false};
    if (line.line_end != begin && line.line_end[-1] == '\n') --line.line_end;
    const bool has_cr = line.line_end != begin && line.line_end[-1] == '\r';
    const bool is_too_long = line.length_bytes() - (has_cr ? 1 : 0) > max_record_bytes;
    filler.reject(is_too_long ? RejectReason::too_long : RejectReason::bad_record, 1, offset(begin),
                  line.length_bytes());
    end_with(offset(begin), true);
  }

  /// Fills in the fields of a record by itself; false where it is no object.
  bool fill_alone(const Line& line, Field* fields, BatchText& texts) {
    if (!index_.scan(line.text())) return false;
    next_escape_ = line.begin;
    const std::uint32_t* token = index_.begin();
    return fill(line, line.begin, token, fields, texts);
  }

 private:
  static constexpr std::size_t kWindowBytes = std::size_t{24} << 10;

  /// Whole lines.
  static std::string_view window_from(std::string_view bytes) {
    if (bytes.size() <= kWindowBytes) return bytes;
    const std::size_t last = bytes.substr(0, kWindowBytes).rfind('\n');
    if (last != std::string_view::npos) return bytes.substr(0, last + 1);
    const std::size_t first = bytes.find('\n', kWindowBytes);
    return first == std::string_view::npos ? bytes : bytes.substr(0, first + 1);
  }

  /// Whole lines of which the values are indexed; none where the first is longer than a window. The
  /// index tells where the last one ends, so that bytes are touched in order.
  std::string_view indexed_window(std::string_view bytes, const RecordBytes& records) {
    const std::string_view window = bytes.substr(0, kWindowBytes);
    const auto offset_bytes = static_cast<std::size_t>(bytes.data() - records.bytes.data());
    values_.scan({window.data(), window.size(), records.readable_bytes - offset_bytes});
    return window.size() == bytes.size() ? window : window.substr(0, values_.whole_lines_bytes());
  }

  /// Takes lines of the indexed window as long as they look alike for the most part.
  void take_by_shape(LineScanner& lines, std::string_view window, const RecordBytes& records,
                     std::uint64_t max_record_bytes, BatchFiller& filler) {
    constexpr std::size_t kSpareMisses = 8;
    constexpr std::size_t kMostHits = 8;  // for each miss
    constexpr std::size_t kWindowsToWalk = 16;
    const auto offset_bytes = static_cast<std::size_t>(window.data() - records.bytes.data());
    const std::size_t readable_bytes = records.readable_bytes - offset_bytes;
    const std::size_t reach =
        readable_bytes > kJsonReachBytes ? readable_bytes - kJsonReachBytes : 0;
    JsonLines alike{values_, 0, 0, 0, max_record_bytes, offset_bytes};
    std::size_t taken = 0;
    std::size_t misses = 0;
    while (alike.at < window.size() && windows_to_walk_ == 0) {
      alike.end = std::min(reach, values_.odd_from(alike.at));
      if (const std::size_t events = take_events(lines, alike, filler); events > 0) {
        taken += events;
        continue;
      }
      Line line;
      lines.next(line);
      const bool is_plain = !line.is_too_long && line.begin != line.end &&
                            values_.odd_from(alike.at) >= alike.at + line.text().size();
      if (is_plain && kernels_.match(shapes_, alike, line.record, found_in(filler.fields()))) {
        ++taken;
        drop_missing_words(found_in(filler.fields()), format_.wanted_.names().size());
        derive(filler.fields(), filler.texts());
        filler.take(lines.offset_bytes(line), line.length_bytes());
        continue;
      }
      if (misses++ > taken / kMostHits + kSpareMisses) windows_to_walk_ = kWindowsToWalk;
      decode_alone(line, lines.offset_bytes(line), filler, is_plain);
      alike.at = static_cast<std::size_t>(line.line_end - window.data()) + 1;
      while (alike.first_end < values_.end_count() && values_.ends()[alike.first_end] < alike.at)
        ++alike.first_end;
    }
  }

  /// Makes events of the next lines as long as they are as most are. Returns how many.
  std::size_t take_events(LineScanner& lines, JsonLines& alike, BatchFiller& filler) {
    if (kernels_.decode == nullptr || !format_.event_rules_ || lines.has_mark()) return 0;
    const std::size_t before = filler.batch().size;
    kernels_.decode(shapes_, *format_.event_rules_, alike, filler.batch());
    const std::size_t taken = filler.batch().size - before;
    if (taken > 0) lines.go_on_at(values_.window() + alike.at);
    filler.joined();
    return taken;
  }

  /// Takes the lines of the window token by token.
  void walk(LineScanner& lines, std::string_view window, BatchFiller& filler) {
    const bool is_indexed = index_.scan(window);
    const std::uint32_t* token = is_indexed ? index_.begin() : nullptr;
    next_escape_ = window.data();
    const char* const window_end = window.data() + window.size();
    Line line;
    while (!lines.is_at_end() && lines.rest().data() < window_end) {
      lines.next(line);
      if (is_indexed) {
        token = decode(line, lines.offset_bytes(line), window.data(), token, filler);
      } else {
        decode_alone(line, lines.offset_bytes(line), filler);
      }
    }
  }

  /// Where the fields that records have stand: these themselves, or what they are derived of.
  Field* found_in(Field* fields) { return format_.derived_.is_needed() ? raw_.data() : fields; }
  void derive(Field* fields, BatchText& texts) const {
    if (!format_.derived_.is_needed()) return;
    format_.derived_.derive(raw_.data(), fields, texts);
    drop_missing_words(fields, format_.mapper_.fields().size());
  }

  void drop_missing_words(Field* fields, std::size_t count) const {
    if (format_.missing_words_.empty()) return;
    for (std::size_t i = 0; i < count; ++i) {
      if (is_missing_word(format_.missing_words_, fields[i].text)) fields[i].set({}, fields[i].at);
    }
  }

  /// Returns the first token behind the line.
  const std::uint32_t* decode(const Line& line, std::uint64_t offset_bytes, const char* base,
                              const std::uint32_t* token, BatchFiller& filler) {
    const auto end = static_cast<std::uint32_t>(line.end - base);
    const std::uint32_t* behind = token;
    const bool has_tokens = token != index_.end() && *token < end;
    if (line.is_too_long) {
      filler.reject(RejectReason::too_long, 1, offset_bytes, line.length_bytes());
    } else if (!has_tokens && is_blank(line)) {
      filler.blank();
    } else if (has_tokens && fill(line, base, behind, filler.fields(), filler.texts())) {
      filler.take(offset_bytes, line.length_bytes());
      return behind;
    } else {
      filler.reject(RejectReason::bad_record, 1, offset_bytes, line.length_bytes());
    }
    while (behind != index_.end() && *behind < end) ++behind;
    return behind;
  }

  void decode_alone(const Line& line, std::uint64_t offset_bytes, BatchFiller& filler,
                    bool is_model = false) {
    take_line(line, offset_bytes, filler, [&](Field* fields, BatchText& texts) {
      if (!fill_alone(line, fields, texts)) return false;
      if (!is_model) return true;
      const Field* const found = found_in(fields);
      shapes_.learn(line, index_.begin(), index_.end(),
                    {found, found + format_.wanted_.names().size()});
      return true;
    });
  }

  /// False where it is none, and rejected.
  bool take_object(const Line& line, std::uint64_t offset_bytes, BatchFiller& filler) {
    if (line.is_too_long) {
      filler.reject(RejectReason::too_long, 1, offset_bytes, line.length_bytes());
    } else if (fill_alone(line, filler.fields(), filler.texts())) {
      filler.take(offset_bytes, line.length_bytes());
    } else {
      filler.reject(RejectReason::bad_record, 1, offset_bytes, line.length_bytes());
      return false;
    }
    return true;
  }

  /// `token` is the record's first; it becomes the one behind the record where that is an object.
  bool fill(const Line& line, const char* base, const std::uint32_t*& token, Field* fields,
            BatchText& texts) {
    std::fill(present_.begin(), present_.end(), 0);
    JsonWalk walk(format_.wanted_, base, line, token, index_.end(), has_escapes(line),
                  slots_.data(), present_.data(), texts);
    if (!walk.run()) return false;
    token = walk.token();
    take_slots(found_in(fields));
    derive(fields, texts);
    return true;
  }

  /// What the walk has found, by field that is wanted.
  void take_slots(Field* fields) const {
    const auto is_present = [this](std::uint32_t slot) {
      return slot != JsonFields::kNone && (present_[slot / 64] >> slot % 64 & 1) != 0;
    };
    const auto& names = format_.wanted_.names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::uint32_t slot =
          is_present(names[i].key_slot) ? names[i].key_slot : names[i].path_slot;
      if (!is_present(slot)) {
        fields[i].set({}, 0);
        continue;
      }
      const Field& value = slots_[slot];
      const bool is_missing = is_missing_word(format_.missing_words_, value.text);
      fields[i].set(is_missing ? std::string_view() : value.text, value.at);
      if (value.kind == Field::Kind::composite) fields[i].kind = value.kind;
    }
  }

  /// Whether a backslash stands in the line: most windows have none, and are searched once.
  bool has_escapes(const Line& line) {
    if (next_escape_ < line.begin) next_escape_ = line.begin;
    if (next_escape_ >= line.end || *next_escape_ == '\\') return next_escape_ < line.end;
    const void* const found =
        std::memchr(next_escape_, '\\', static_cast<std::size_t>(line.end - next_escape_));
    if (found == nullptr) return false;
    next_escape_ = static_cast<const char*>(found);
    return true;
  }

  const JsonFormat& format_;
  const JsonKernels& kernels_;
  TokenIndex index_;
  ValueIndex values_;
  JsonShapes shapes_;
  std::size_t windows_to_walk_ = 0;  ///< as their records do not look alike
  std::vector<Field> slots_;
  std::vector<std::uint64_t> present_;
  std::vector<Field> raw_;  ///< of which the fields are derived, where they are
  const char* next_escape_ = nullptr;
};

MediationCounts JsonFormat::mediate(const RecordBytes& records, const MediationOptions& options,
                                    EventBatch& batch, const BatchSink& on_batch,
                                    const RejectSink& on_reject) const {
  BatchFiller filler(mapper_, records, batch, on_batch, on_reject);
  if (has_lines()) {
    JsonDecoder(*this, options.simd).run(records, options.max_record_bytes, filler);
    return filler.finish(records.bytes.size());
  }
  MediationCounts found;
  JsonDecoder(*this, options.simd).run_document(records, options.max_record_bytes, filler, found);
  MediationCounts counts = filler.finish(records.bytes.size());
  counts.ends_at = found.ends_at;
  counts.is_broken = found.is_broken;
  return counts;
}

std::unique_ptr<RecordCutter> JsonFormat::make_cutter(bool at_input_start,
                                                      std::uint64_t max_record_bytes) const {
  if (has_lines()) return make_line_cutter();
  return make_document_cutter(layout_, at_input_start, max_record_bytes, ObjectCheck());
}

std::uint32_t JsonFormat::task_column(std::string_view record) const {
  std::vector<Field> fields(mapper_.fields().size());
  BatchText texts;
  Line line;
  LineScanner lines({record, record.size(), true}, record.size());
  if (has_lines()) {
    lines.next(line);
  } else {
    const char* const end = record.data() + record.size();
    line = {record.data(), record.data(), end, end, end, false};
  }
  if (record.empty() ||
      !JsonDecoder(*this, SimdLevel::scalar).fill_alone(line, fields.data(), texts))
    return 1;
  return mapper_.task_at(fields.data(), texts) + 1;
}

}  // namespace

std::shared_ptr<const InputFormat> make_json_format(const RecordFormat& format) {
  return std::make_shared<JsonFormat>(format);
}

}  // namespace billing
