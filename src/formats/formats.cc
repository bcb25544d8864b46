// The table of formats: a new one is a file beside this and a row here.

#include "formats/format_table.h"
#include "formats/text_format.h"

namespace billing {
namespace {

/// By value of Format: text.
constexpr FormatRow kFormats[] = {
    {make_line_cutter, mediate_text, text_task_column},
};

}  // namespace

const FormatRow& format_row(Format format) { return kFormats[static_cast<std::size_t>(format)]; }

MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                        EventBatch& batch, const BatchSink& on_batch, const RejectSink& on_reject) {
  if (options.decoder) return options.decoder(records, options, batch, on_batch, on_reject);
  return format_row(options.format).mediate(records, options, batch, on_batch, on_reject);
}

}  // namespace billing
