#include "naive/record_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "billing/error.h"
#include "naive/ascii.h"
#include "naive/csv_fields.h"
#include "naive/json_fields.h"
#include "naive/logfmt_fields.h"
#include "naive/web_fields.h"

namespace billing::naive {
namespace {

std::unique_ptr<FieldDecoder> make_decoder(const RecordFormat& format) {
  switch (format.family) {
    case FormatFamily::web:
      return std::make_unique<WebFields>(parse_web_definition(format.definition));
    case FormatFamily::json:
      return std::make_unique<JsonFields>();
    case FormatFamily::csv:
      return std::make_unique<CsvFields>(format);
    case FormatFamily::logfmt:
      return std::make_unique<LogfmtFields>();
    case FormatFamily::text:
      break;
  }
  throw Error(ErrorKind::configuration, "the format text has no mapping but its own");
}

void reject(Item& item, const Flaw& flaw) {
  item.kind = Item::Kind::reject;
  item.reason = flaw.reason;
  item.column = flaw.column;
}

}  // namespace

RecordReader::RecordReader(std::istream& stream, const RecordFormat& format,
                           std::uint64_t max_record_bytes)
    : stream_(stream, format, max_record_bytes),
      max_record_bytes_(max_record_bytes),
      is_csv_(format.family == FormatFamily::csv),
      awaits_header_(is_csv_ && format.has_header),
      decoder_(make_decoder(format)),
      mapping_(*decoder_, format),
      wheres_(wheres_of(format)),
      key_rule_(format, &mapping_.values()) {
  for (const Where& where : wheres_) mapping_.values().check("where", where.fields());
}

bool RecordReader::next(Item& item) {
  item = {};
  if (!stream_.next(item.record)) return false;
  read(item);
  return true;
}

void RecordReader::read(Item& item) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view text = item.record.text;
  std::uint32_t skipped_bytes = 0;  // which belong to the record, so columns count them
  if (item.record.offset_bytes == 0 && text.starts_with(kByteOrderMark)) {
    skipped_bytes = static_cast<std::uint32_t>(kByteOrderMark.size());
    text.remove_prefix(skipped_bytes);
  }
  const bool is_too_long = item.record.text_bytes > max_record_bytes_;
  const bool is_blank = !is_too_long && (is_csv_ ? text : trimmed(text)).empty();
  if (awaits_header_ && !is_blank) {
    awaits_header_ = false;
    item.kind = Item::Kind::directive;
    return;
  }
  if (is_too_long) return reject(item, {RejectReason::too_long, 1});
  if (is_blank) return;
  if (const auto flaw = decoder_->decode(text, skipped_bytes)) return reject(item, *flaw);
  if (drops(item, nullptr)) return;
  auto mapped = mapping_.map();
  if (const auto* flaw = std::get_if<Flaw>(&mapped)) return reject(item, *flaw);
  if (key_rule_.is_asked()) {
    const auto key = key_rule_.key_of(&mapping_.values(), std::get<MappedEvent>(mapped), text);
    if (const auto* flaw = std::get_if<Flaw>(&key)) return reject(item, *flaw);
    item.key = std::get<DuplicateKey>(key);
  }
  if (drops(item, &std::get<MappedEvent>(mapped))) return;
  item.kind = Item::Kind::event;
  item.event = std::move(std::get<MappedEvent>(mapped));
}

bool RecordReader::drops(Item& item, const MappedEvent* event) const {
  const auto filter = first_that_drops(wheres_, event != nullptr, &mapping_.values(), event);
  if (!filter) return false;
  item.kind = Item::Kind::filtered;
  item.filter = *filter;
  return true;
}

}  // namespace billing::naive
