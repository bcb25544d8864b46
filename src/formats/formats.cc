// The table of formats: a new one is a file beside this and a row here.

#include "billing/mediate.h"
#include "formats/text_format.h"

namespace billing {

MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                        EventBatch& batch, const BatchSink& on_batch, const RejectSink& on_reject) {
  if (options.decoder) return options.decoder(records, options, batch, on_batch, on_reject);
  switch (options.format) {
    case Format::text:
      return mediate_text(records, options, batch, on_batch, on_reject);
  }
  __builtin_unreachable();
}

}  // namespace billing
