// The table of formats: a new one is a file beside this and a row here.

#include "billing/mediate.h"
#include "formats/text_format.h"

namespace billing {

MediationCounts mediate(std::string_view bytes, std::size_t readable_bytes,
                        const MediationOptions& options, EventBatch& batch,
                        const std::function<void(EventBatch&)>& on_batch,
                        const std::function<void(const Reject&)>& on_reject) {
  switch (options.format) {
    case Format::text:
      return mediate_text(bytes, readable_bytes, options.simd, batch, on_batch, on_reject);
  }
  __builtin_unreachable();
}

}  // namespace billing
