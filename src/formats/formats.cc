// The table of formats: a new family is a file beside this and a row here.

#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include "formats/csv_format.h"
#include "formats/filtered_text.h"
#include "formats/input_format.h"
#include "formats/json_format.h"
#include "formats/logfmt_format.h"
#include "formats/record_count.h"
#include "formats/text_format.h"
#include "formats/unknown_fields.h"
#include "formats/w3c_format.h"
#include "formats/web_format.h"

namespace billing {
namespace {

using FormatMaker = std::shared_ptr<const InputFormat> (*)(const RecordFormat&);

/// By value of FormatFamily: text, web, json, csv, logfmt, w3c.
constexpr FormatMaker kMakers[] = {
    [](const RecordFormat& format) {
      const bool is_plain =
          format.where.empty() && format.dedupe.by.empty() && format.kept_fields.empty();
      return is_plain ? make_text_format(format.quantity.digits) : make_filtered_text(format);
    },
    make_web_format,
    make_json_format,
    make_csv_format,
    make_logfmt_format,
    make_w3c_format,
};
static_assert(std::size(kMakers) == kFormatFamilyCount);

}  // namespace

std::string_view InputFormat::record_at(std::string_view bytes, std::uint64_t length_bytes) const {
  const bool is_known = length_bytes > 0;
  std::string_view record = bytes.substr(0, is_known ? length_bytes : record_end(bytes, 0));
  if (!is_known && record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

std::size_t InputFormat::record_end(std::string_view bytes, std::size_t from) const {
  const std::size_t newline = bytes.find('\n', from);
  return newline == std::string_view::npos ? bytes.size() : newline + 1;
}

std::uint64_t InputFormat::count_records(std::string_view bytes, SimdLevel simd) const {
  return count_lines(bytes, simd);
}

std::shared_ptr<const InputFormat> make_input_format(const RecordFormat& format) {
  const int digits = format.quantity.digits;
  if (digits < 0 || digits > kMaxQuantityDigits) {
    throw std::invalid_argument("QuantityRules::digits is " + std::to_string(digits) +
                                ", not 0 to " + std::to_string(kMaxQuantityDigits));
  }
  try {
    return kMakers[static_cast<std::size_t>(format.family)](format);
  } catch (const UnknownField& unknown) {
    show_in_where(format, unknown);
    throw;
  }
}

std::unique_ptr<RecordCutter> make_cutter(const InputFormat& format, bool at_input_start,
                                          std::uint64_t max_record_bytes) {
  return format.make_cutter(at_input_start, max_record_bytes);
}

MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                        EventBatch& batch, const BatchSink& on_batch, const RejectSink& on_reject) {
  if (options.decoder) return options.decoder(records, options, batch, on_batch, on_reject);
  return decoding_format(options).mediate(records, options, batch, on_batch, on_reject);
}

}  // namespace billing
