#include "formats/web_format.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/batch_filler.h"
#include "formats/block_kernel.h"
#include "formats/default_mapping.h"
#include "formats/field_sources.h"
#include "formats/line_scanner.h"
#include "formats/missing_word.h"
#include "formats/unknown_fields.h"
#include "formats/web_definition.h"
#include "formats/web_fields.h"
#include "formats/web_line.h"
#include "mapping/path_ids.h"

namespace billing {
namespace {

class WebFormat final : public InputFormat {
 public:
  explicit WebFormat(const RecordFormat& format);

  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override;
  std::uint32_t task_column(std::string_view record) const override;

 private:
  friend class WebDecoder;

  /// Empty where the field is missing.
  std::string_view value_of(std::size_t field, std::string_view text) const;
  void fill(const Line& line, const Span* spans, Field* fields, BatchText& texts) const;
  void find_plain_sources();
  void fill_beside_task(const Line& line, const Span* spans, Field* fields) const;
  std::string_view task_of(const RequestFront& front, const char* request, BatchText& texts) const;

  /// A field that is as it stands in the line, for fill_beside_task().
  struct PlainSource {
    std::size_t place;  ///< in the mapper's fields
    std::size_t raw;    ///< field of the line
    bool dash_is_zero;
    bool may_be_empty_user;
  };

  WebFormat(const RecordFormat& format, const WebDefinition& definition);
  RecordMapper mapper_;
  std::vector<std::string> missing_words_;
  WebLine line_;
  std::vector<bool> dash_is_zero_;    ///< by field of the line: Apache's %b has `-` for no bytes
  std::vector<FieldSource> sources_;  ///< by place in the mapper's fields; raw: field of the line
  /// Where the task is a request's method and path, and all else is as it stands: what all else is,
  /// and the line's field that is the request.
  std::vector<PlainSource> plain_sources_;
  std::optional<std::size_t> request_;
  bool folds_ids_ = false;
};

WebFormat::WebFormat(const RecordFormat& format)
    : WebFormat(format, parse_web_definition(format.definition)) {}

WebFormat::WebFormat(const RecordFormat& format, const WebDefinition& definition)
    : InputFormat(format),
      mapper_(format,
              [&definition](const std::string& name) { return told_unit(definition, name); }),
      missing_words_(format.missing_words),
      line_(definition) {
  std::vector<std::string> names;
  for (const WebField& field : definition.fields) {
    names.push_back(field.name);
    dash_is_zero_.push_back(field.directive.starts_with('%') && field.directive.ends_with('b'));
  }
  const auto place_of = [&](const std::string& wanted) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < definition.fields.size(); ++i) {
      if (definition.fields[i].name == wanted || definition.fields[i].directive == wanted) return i;
    }
    return std::nullopt;
  };
  for (const FieldName& name : mapper_.fields()) {
    const auto source = source_for(mapper_, sources_.size(), format, place_of);
    if (!source) {
      fail_unknown_field(name.name, "the log's definition",
                         with_derived_names(names, format.aliases));
    }
    sources_.push_back(*source);
  }
  find_plain_sources();
}

void WebFormat::find_plain_sources() {
  const auto task = mapper_.request_task();
  if (!task || !mapper_.is_plain() || !missing_words_.empty() || !line_.is_quick()) return;
  const FieldSource& method = sources_[task->method];
  const FieldSource& path = sources_[task->path];
  if (method.what != Derived::method || path.what != Derived::path || path.is_target ||
      method.raw != path.raw)
    return;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (i == task->method || i == task->path) continue;
    const std::size_t raw = sources_[i].raw;
    if (sources_[i].what != Derived::as_it_stands || sources_[i].is_of_time) return;
    plain_sources_.push_back({i, raw, dash_is_zero_[raw], line_.may_be_empty_user(raw)});
  }
  request_ = method.raw;
  folds_ids_ = task->folds_ids;
}

/// fill() of all fields but those that the task is made of.
inline void WebFormat::fill_beside_task(const Line& line, const Span* spans, Field* fields) const {
  for (const PlainSource& source : plain_sources_) {
    const Span span = spans[source.raw];
    std::string_view text(span.begin, static_cast<std::size_t>(span.end - span.begin));
    if (text.size() == 1 && text[0] == '-')
      text = source.dash_is_zero ? std::string_view("0") : std::string_view();
    if (source.may_be_empty_user && line_.is_empty_user(source.raw, text)) text = {};
    fields[source.place].set(text, static_cast<std::uint32_t>(span.begin - line.record));
  }
}

/// Of a request, the front of which holds it as it stands, but for ids; empty where it is too long.
std::string_view WebFormat::task_of(const RequestFront& front, const char* request,
                                    BatchText& texts) const {
  std::string_view task(request, front.bytes);
  // The method, with the space behind it, is no id.
  if (front.may_hold_id && folds_ids_) task = fold_ids(task, texts);
  return task.size() <= kMaxNameBytes ? task : std::string_view();
}

std::string_view WebFormat::value_of(std::size_t field, std::string_view text) const {
  if (text.size() == 1 && text[0] == '-')
    return dash_is_zero_[field] ? std::string_view("0") : std::string_view();
  if (is_missing_word(missing_words_, text)) return {};
  return line_.is_empty_user(field, text) ? std::string_view() : text;
}

void WebFormat::fill(const Line& line, const Span* spans, Field* fields, BatchText& texts) const {
  RequestParts request;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const FieldSource& source = sources_[i];
    if (source.is_of_time) [[unlikely]]
      continue;
    const Span span = spans[source.raw];
    const auto at = static_cast<std::uint32_t>(span.begin - line.record);
    std::string_view text =
        value_of(source.raw, {span.begin, static_cast<std::size_t>(span.end - span.begin)});
    if (source.what != Derived::as_it_stands && !text.empty()) {
      text = request.derived(source, text, texts);
      if (text == "-" || is_missing_word(missing_words_, text)) text = {};
    }
    fields[i].set(text, at);
  }
}

/// One call of mediate(): the quotes and line ends of a window are found at once, then each line is
/// taken apart by them.
class WebDecoder {
 public:
  WebDecoder(const WebFormat& format, const RecordBytes& records, const MediationOptions& options,
             BatchFiller& filler)
      : format_(format),
        kernels_(block_kernels(options.simd)),
        lines_(records, options.max_record_bytes),
        filler_(filler),
        spans_(format.line_.field_count()),
        places_(std::make_unique_for_overwrite<std::uint32_t[]>(kWindowBytes + kPlacesAtOnce)),
        line_ends_(std::make_unique_for_overwrite<std::uint32_t[]>(kWindowBytes + kPlacesAtOnce)) {}

  void run() {
    Line line;
    while (true) {
      const Window window = lines_.window(kWindowBytes);
      QuotePlaces places{places_.get(), line_ends_.get(), 0, 0};
      if (format_.line_.is_quick()) kernels_.index_quotes(window, places);
      decode_window(window, places);
      // A line that the window does not hold whole, or the last, that has no end.
      if (places.line_count == 0) {
        if (!lines_.next(line)) return;
        decode(line, {window.data, nullptr, 0});
      }
    }
  }

 private:
  static constexpr std::size_t kWindowBytes = std::size_t{16} << 10;

  /// The lines that end in the window.
  void decode_window(const Window& window, const QuotePlaces& places) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < places.line_count; ++i) {
      const std::size_t last = places.line_ends[i];
      Line line;
      lines_.take(line, window.data + places.places[last]);
      decode(line, {window.data, places.places + first, last - first});
      first = last + 1;
    }
  }

  void decode(const Line& line, const Quotes& quotes) {
    const std::uint64_t offset_bytes = lines_.offset_bytes(line);
    const auto reject = [&](RejectReason reason, std::uint32_t column) {
      filler_.reject(reason, column, offset_bytes, line.length_bytes());
    };
    if (line.is_too_long) return reject(RejectReason::too_long, 1);
    if (is_blank(line)) return filler_.blank();
    if (format_.line_.split_by_quotes(line, quotes, spans_.data())) {
      if (take_quickly(line, offset_bytes)) return;
    } else {
      if (const auto flaw = format_.line_.split(line, spans_.data()))
        return reject(RejectReason::bad_record, *flaw + 1);
    }
    format_.fill(line, spans_.data(), filler_.fields(), filler_.texts());
    filler_.take(offset_bytes, line.length_bytes());
  }

  /// Where the task is that of a plain request; false where all of the record is to be looked at.
  bool take_quickly(const Line& line, std::uint64_t offset_bytes) {
    if (!format_.request_) return false;
    const Span request = spans_[*format_.request_];
    RequestFront front;
    if (!kernels_.read_request(
            {request.begin, static_cast<std::size_t>(request.end - request.begin)},
            line.readable_end, front))
      return false;
    const std::string_view task = format_.task_of(front, request.begin, filler_.texts());
    if (task.empty()) return false;
    format_.fill_beside_task(line, spans_.data(), filler_.fields());
    return filler_.take_with_task(task, offset_bytes);
  }

  const WebFormat& format_;
  const BlockKernels& kernels_;
  LineScanner lines_;
  BatchFiller& filler_;
  std::vector<Span> spans_;
  std::unique_ptr<std::uint32_t[]> places_;
  std::unique_ptr<std::uint32_t[]> line_ends_;
};

MediationCounts WebFormat::mediate(const RecordBytes& records, const MediationOptions& options,
                                   EventBatch& batch, const BatchSink& on_batch,
                                   const RejectSink& on_reject) const {
  BatchFiller filler(mapper_, records, batch, on_batch, on_reject);
  WebDecoder(*this, records, options, filler).run();
  return filler.finish(records.bytes.size());
}

std::uint32_t WebFormat::task_column(std::string_view record) const {
  std::vector<Span> spans(line_.field_count());
  std::vector<Field> fields(mapper_.fields().size());
  BatchText texts;
  LineScanner lines({record, record.size(), true}, record.size());
  Line line;
  if (!lines.next(line) || line_.split(line, spans.data())) return 1;
  fill(line, spans.data(), fields.data(), texts);
  return mapper_.task_at(fields.data(), texts) + 1;
}

}  // namespace

std::shared_ptr<const InputFormat> make_web_format(const RecordFormat& format) {
  return std::make_shared<WebFormat>(format);
}

}  // namespace billing
