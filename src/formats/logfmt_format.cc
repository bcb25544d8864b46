#include "formats/logfmt_format.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "formats/batch_filler.h"
#include "formats/json_text.h"
#include "formats/line_scanner.h"
#include "formats/missing_word.h"

namespace billing {
namespace {

bool is_separator(char c) { return c == ' ' || c == '\t'; }

/// What stands between the quotes of a value, with its escapes undone; nothing where one is wrong.
/// They are some of JSON's.
std::optional<std::string_view> unescape(std::string_view text, BatchText& texts) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos;
       at = text.find('\\', at + 2)) {
    if (at + 1 == text.size() ||
        std::string_view("\"\\nrtu").find(text[at + 1]) == std::string_view::npos)
      return std::nullopt;
  }
  return unescape_json(text, texts);
}

class LogfmtFormat final : public InputFormat {
 public:
  explicit LogfmtFormat(const RecordFormat& format)
      : InputFormat(format), mapper_(format), missing_words_(format.missing_words) {}

  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override;
  std::uint32_t task_column(std::string_view record) const override;

 private:
  /// False where the line is not of the form.
  bool fill(const Line& line, Field* fields, BatchText& texts) const;
  bool take_value(const Line& line, const char*& at, Field& value, BatchText& texts) const;

  RecordMapper mapper_;
  std::vector<std::string> missing_words_;
};

bool LogfmtFormat::fill(const Line& line, Field* fields, BatchText& texts) const {
  const std::vector<FieldName>& names = mapper_.fields();
  std::vector<bool> seen(names.size());
  std::fill_n(fields, names.size(), Field{});
  bool has_value = false;
  for (const char* at = line.begin; true;) {
    at = std::find_if_not(at, line.end, is_separator);
    if (at == line.end) return has_value;
    const char* const key_begin = at;
    at = std::find_if(at, line.end, [](char c) { return is_separator(c) || c == '=' || c == '"'; });
    const std::string_view key(key_begin, static_cast<std::size_t>(at - key_begin));
    if (key.empty() || (at != line.end && *at == '"')) return false;
    const auto key_at = static_cast<std::uint32_t>(key_begin - line.record);
    Field value{"true", key_at, Field::Kind::text};
    if (at != line.end && *at == '=') {
      has_value = true;
      ++at;
      if (!take_value(line, at, value, texts)) return false;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (seen[i] || names[i].name != key) continue;
      seen[i] = true;
      fields[i] = value;
    }
  }
}

bool LogfmtFormat::take_value(const Line& line, const char*& at, Field& value,
                              BatchText& texts) const {
  const auto place = static_cast<std::uint32_t>(at - line.record);
  if (at == line.end || *at != '"') {
    const char* const begin = at;
    at = std::find_if(at, line.end, is_separator);
    const std::string_view text(begin, static_cast<std::size_t>(at - begin));
    value = Field::of(is_missing_word(missing_words_, text) ? std::string_view() : text, place);
    return text.find('"') == std::string_view::npos;
  }
  const char* const begin = ++at;
  bool has_escapes = false;
  while (at != line.end && *at != '"') {
    has_escapes |= *at == '\\';
    at += *at == '\\' && at + 1 != line.end ? 2 : 1;
  }
  if (at == line.end) return false;
  std::string_view text(begin, static_cast<std::size_t>(at - begin));
  ++at;
  if (at != line.end && !is_separator(*at)) return false;
  if (has_escapes) {
    const auto unescaped = unescape(text, texts);
    if (!unescaped) return false;
    text = *unescaped;
  }
  value = Field::of(is_missing_word(missing_words_, text) ? std::string_view() : text, place);
  return true;
}

MediationCounts LogfmtFormat::mediate(const RecordBytes& records, const MediationOptions& options,
                                      EventBatch& batch, const BatchSink& on_batch,
                                      const RejectSink& on_reject) const {
  BatchFiller filler(mapper_, records, batch, on_batch, on_reject);
  LineScanner lines(records, options.max_record_bytes);
  for (Line line; lines.next(line);) {
    take_line(line, lines.offset_bytes(line), filler,
              [&](Field* fields, BatchText& texts) { return fill(line, fields, texts); });
  }
  return filler.finish(records.bytes.size());
}

std::uint32_t LogfmtFormat::task_column(std::string_view record) const {
  std::vector<Field> fields(mapper_.fields().size());
  BatchText texts;
  LineScanner lines({record, record.size(), true}, record.size());
  Line line;
  if (!lines.next(line) || !fill(line, fields.data(), texts)) return 1;
  return mapper_.task_at(fields.data(), texts) + 1;
}

}  // namespace

std::shared_ptr<const InputFormat> make_logfmt_format(const RecordFormat& format) {
  return std::make_shared<LogfmtFormat>(format);
}

}  // namespace billing
