#include "formats/web_format.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/escape_text.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "formats/batch_filler.h"
#include "formats/find_bytes.h"
#include "formats/line_scanner.h"
#include "formats/unknown_fields.h"
#include "formats/web_definition.h"
#include "formats/web_fields.h"

namespace billing {
namespace {

/// Whether `10/Oct/2025:13:55:36 -0700` may stand at `at`: the form alone, which tells it from what
/// a client claims its name to be.
bool has_clf_form(std::string_view text) {
  constexpr std::string_view kForm = "00/aaa/0000:00:00:00 ~0000";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const char c = text[i];
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool fits = kForm[i] == '0'   ? is_digit
                      : kForm[i] == 'a' ? is_letter
                      : kForm[i] == '~' ? c == '+' || c == '-'
                                        : c == kForm[i];
    if (!fits) return false;
  }
  return true;
}

/// The same of `2025-10-10T13:55:36-07:00`.
bool has_iso8601_form(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !is_digit : text[i] != kForm[i]) return false;
  }
  return true;
}

bool has_msec_form(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

bool is_time_name(std::string_view name) {
  return name == "time_local" || name == "time_iso8601" || name == "msec";
}

bool has_form_of(std::string_view time_name, std::string_view text) {
  if (time_name == "time_local") return has_clf_form(text);
  return time_name == "msec" ? has_msec_form(text) : has_iso8601_form(text);
}

constexpr std::string_view kEmptyUser = "\"\"";

/// How a field is found.
enum class Ending : std::uint8_t { literal, word, quote, user, upstream };

struct LineField {
  std::string name;
  std::string literal;  ///< behind it; empty: it goes to the line's end
  Ending ending = Ending::literal;
  bool dash_is_zero = false;  ///< Apache's %b, which has `-` for no bytes
};

/// Where the value that a mapping asks for comes from.
struct Source {
  std::size_t field = 0;  ///< of the line
  Derived what = Derived::as_it_stands;
  bool is_target = false;
};

struct Span {
  const char* begin;
  const char* end;
};

class WebFormat final : public InputFormat {
 public:
  explicit WebFormat(const RecordFormat& format);

  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override;
  std::uint32_t task_column(std::string_view record) const override;

 private:
  /// Of one line; the place of the flaw, where its form is not the definition's.
  std::optional<std::uint32_t> split(const Line& line, Span* spans) const;
  bool find_end(std::size_t field, const Line& line, const char* at, const char*& end) const;
  Field field_of(const LineField& field, std::string_view text, std::uint32_t at) const;
  bool is_before_time(std::size_t field, const Line& line, const char* at) const;
  bool end_user(std::size_t field, const Line& line, const char* at, const char*& end) const;
  const char* end_upstream(const LineField& field, const Line& line, const char* at) const;
  void fill(const Line& line, const Span* spans, Field* fields, BatchText& texts) const;

  void add_source(const FieldName& name, const WebDefinition& definition);

  RecordMapper mapper_;
  std::string literal_;  ///< before the first field
  std::vector<LineField> line_;
  std::vector<Source> sources_;  ///< by place in the mapper's fields
};

Ending ending_of(const std::vector<WebField>& fields, std::size_t i) {
  const WebField& field = fields[i];
  if (field.is_quoted) return Ending::quote;
  if (field.name == "remote_user" && i + 1 < fields.size() && is_time_name(fields[i + 1].name))
    return Ending::user;
  if (field.name.starts_with("upstream_") && field.literal.starts_with(' '))
    return Ending::upstream;
  return field.is_one_word ? Ending::word : Ending::literal;
}

/// All names that may be asked for, those of the line first.
std::vector<std::string> names_of(const WebDefinition& definition) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  };
  for (const WebField& field : definition.fields) add(field.name);
  for (const DerivedField& row : derived_fields()) {
    if (std::find(names.begin(), names.end(), row.source) != names.end()) add(row.name);
  }
  return names;
}

WebFormat::WebFormat(const RecordFormat& format) : mapper_(format) {
  const WebDefinition definition = parse_web_definition(format.definition);
  literal_ = definition.literal;
  for (std::size_t i = 0; i < definition.fields.size(); ++i) {
    const WebField& field = definition.fields[i];
    line_.push_back({field.name, field.literal, ending_of(definition.fields, i),
                     field.directive.starts_with('%') && field.directive.ends_with('b')});
  }
  for (const FieldName& name : mapper_.fields()) add_source(name, definition);
}

void WebFormat::add_source(const FieldName& name, const WebDefinition& definition) {
  const auto place_of = [&](std::string_view wanted) {
    const auto found = std::find_if(definition.fields.begin(), definition.fields.end(),
                                    [wanted](const WebField& field) {
                                      return field.name == wanted || field.directive == wanted;
                                    });
    return found == definition.fields.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - definition.fields.begin()));
  };
  if (const auto place = place_of(name.name)) {
    sources_.push_back({*place});
    return;
  }
  for (const DerivedField& row : derived_fields()) {
    if (row.name != name.name) continue;
    if (const auto place = place_of(row.source)) {
      sources_.push_back({*place, row.what, row.is_target});
      return;
    }
  }
  fail_unknown_field(name.name, "the log's definition", names_of(definition));
}

/// Takes a line apart. Most fields end at the first place of what follows them.
std::optional<std::uint32_t> WebFormat::split(const Line& line, Span* spans) const {
  const char* at = line.begin;
  const auto place = [&line](const char* where) {
    return static_cast<std::uint32_t>(where - line.record);
  };
  const auto stands = [&line](const char* where, std::string_view literal) {
    return static_cast<std::size_t>(line.end - where) >= literal.size() &&
           std::memcmp(where, literal.data(), literal.size()) == 0;
  };
  if (!stands(at, literal_)) return place(at);
  at += literal_.size();
  for (std::size_t i = 0; i < line_.size(); ++i) {
    const char* end = nullptr;
    if (!find_end(i, line, at, end) || !stands(end, line_[i].literal)) return place(at);
    spans[i] = {at, end};
    at = end + line_[i].literal.size();
  }
  if (at != line.end) return place(at);
  return std::nullopt;
}

bool WebFormat::find_end(std::size_t i, const Line& line, const char* at, const char*& end) const {
  const LineField& field = line_[i];
  if (field.ending == Ending::user) return end_user(i, line, at, end);
  if (field.ending == Ending::quote) {
    end = find_open_quote(at, line.end, line.readable_end);
    return end != line.end;
  }
  end =
      field.literal.empty() ? line.end : find_text(at, line.end, line.readable_end, field.literal);
  if (end == line.end && !field.literal.empty()) return false;
  if (field.ending == Ending::upstream) end = end_upstream(field, line, end);
  if (field.ending != Ending::word) return true;
  // What follows a word is mostly the space that ends it.
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  return std::none_of(at, end, is_blank);
}

/// A list of several servers, `a, b : c`, whose pieces are parted by spaces as fields are.
const char* WebFormat::end_upstream(const LineField& field, const Line& line,
                                    const char* end) const {
  const auto goes_on = [&](const char* at) {
    const std::string_view before(line.begin, static_cast<std::size_t>(at - line.begin));
    return before.ends_with(',') || before.ends_with(" :");
  };
  while (end != line.end && goes_on(end)) {
    // ` : ` stands between two of them: the colon is a piece of its own.
    end = find_text(end + 1, line.end, line.readable_end, field.literal);
  }
  const std::string_view rest(end, static_cast<std::size_t>(line.end - end));
  if (rest.starts_with(" : ")) {
    const char* const next = find_text(end + 3, line.end, line.readable_end, field.literal);
    return end_upstream(field, line, next);
  }
  return end;
}

/// Whether the literal behind a user, a time and the next literal follow each other at `at`.
bool WebFormat::is_before_time(std::size_t i, const Line& line, const char* at) const {
  const LineField& time = line_[i + 1];
  const std::string_view rest(at, static_cast<std::size_t>(line.end - at));
  if (!rest.starts_with(line_[i].literal)) return false;
  const char* const begin = at + line_[i].literal.size();
  const char* const end =
      time.literal.empty() ? line.end : find_text(begin, line.end, line.readable_end, time.literal);
  if (end == line.end && !time.literal.empty()) return false;
  return has_form_of(time.name, {begin, static_cast<std::size_t>(end - begin)});
}

/// A client's name may hold anything, also what looks like a time. It ends at the last place before
/// the first open quote where the literal, a time and the next literal follow each other; without a
/// quote behind the time at the first such place.
bool WebFormat::end_user(std::size_t i, const Line& line, const char* at, const char*& end) const {
  const LineField& user = line_[i];
  const LineField& time = line_[i + 1];
  const std::string_view rest(at, static_cast<std::size_t>(line.end - at));
  if (rest.starts_with(kEmptyUser) && is_before_time(i, line, at + kEmptyUser.size())) {
    end = at + kEmptyUser.size();
    return true;
  }
  bool has_quote = false;
  for (std::size_t k = i + 1; k < line_.size(); ++k)
    has_quote |= line_[k].literal.find('"') != std::string::npos;
  const char* const quote = has_quote ? find_open_quote(at, line.end, line.readable_end) : line.end;
  if (has_quote && quote == line.end) return false;
  const std::size_t quote_in_literal = time.literal.find('"');
  bool found = false;
  for (const char* place = find_text(at, line.end, line.readable_end, user.literal); place < quote;
       place = find_text(place + 1, line.end, line.readable_end, user.literal)) {
    const char* const time_begin = place + user.literal.size();
    const char* const time_end =
        time.literal.empty() ? line.end
                             : find_text(time_begin, line.end, line.readable_end, time.literal);
    if (time_end == line.end && !time.literal.empty()) break;
    const bool is_before_quote = quote_in_literal == std::string::npos
                                     ? time_end + time.literal.size() <= quote
                                     : time_end + quote_in_literal == quote;
    const std::string_view text(time_begin, static_cast<std::size_t>(time_end - time_begin));
    if ((has_quote && !is_before_quote) || !has_form_of(time.name, text)) continue;
    end = place;
    found = true;
    if (!has_quote) break;
  }
  return found;
}

Field WebFormat::field_of(const LineField& field, std::string_view text, std::uint32_t at) const {
  if (text == "-" && field.dash_is_zero) return Field::of("0", at);
  // Apache writes an empty name so.
  const bool is_missing = text == "-" || (text == kEmptyUser && field.ending == Ending::user);
  return is_missing ? Field{{}, at, Field::Kind::missing} : Field::of(text, at);
}

void WebFormat::fill(const Line& line, const Span* spans, Field* fields, BatchText& texts) const {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const Source& source = sources_[i];
    const Span span = spans[source.field];
    const auto at = static_cast<std::uint32_t>(span.begin - line.record);
    const std::string_view text(span.begin, static_cast<std::size_t>(span.end - span.begin));
    fields[i] = field_of(line_[source.field], text, at);
    if (source.what != Derived::as_it_stands && !fields[i].is_missing())
      fields[i] = derive(source.what, fields[i], source.is_target, texts);
  }
}

MediationCounts WebFormat::mediate(const RecordBytes& records, const MediationOptions& options,
                                   EventBatch& batch, const BatchSink& on_batch,
                                   const RejectSink& on_reject) const {
  BatchFiller filler(mapper_, batch, on_batch, on_reject);
  std::vector<Span> spans(line_.size());
  LineScanner lines(records, options.max_record_bytes);
  for (Line line; lines.next(line);) {
    const std::uint64_t offset_bytes = lines.offset_bytes(line);
    if (line.is_too_long) {
      filler.reject(RejectReason::too_long, 1, offset_bytes, line.length_bytes());
    } else if (is_blank(line)) {
      filler.blank();
    } else if (const auto flaw = split(line, spans.data())) {
      filler.reject(RejectReason::bad_record, *flaw + 1, offset_bytes, line.length_bytes());
    } else {
      fill(line, spans.data(), filler.fields(), filler.texts());
      filler.take(offset_bytes, line.length_bytes());
    }
  }
  return filler.finish(records.bytes.size());
}

std::uint32_t WebFormat::task_column(std::string_view record) const {
  std::vector<Span> spans(line_.size());
  std::vector<Field> fields(mapper_.fields().size());
  BatchText texts;
  LineScanner lines({record, record.size(), true}, record.size());
  Line line;
  if (!lines.next(line) || split(line, spans.data())) return 1;
  fill(line, spans.data(), fields.data(), texts);
  return mapper_.task_at(fields.data(), texts) + 1;
}

}  // namespace

std::shared_ptr<const InputFormat> make_web_format(const RecordFormat& format) {
  return std::make_shared<WebFormat>(format);
}

}  // namespace billing
