#include "billing/event_batch.h"

#include <stdexcept>
#include <string>

#include "base/escape_text.h"
#include "base/utf8.h"

namespace billing {
namespace {

[[noreturn]] void refuse(std::size_t event, const std::string& what) {
  throw std::invalid_argument("event " + std::to_string(event) + " of a batch: " + what);
}

void check_name(std::size_t event, const char* part, std::string_view name) {
  if (is_valid_name(name)) return;
  refuse(event, "its " + std::string(part) + " is " + quoted_text(name) + ", not 1 to " +
                    std::to_string(kMaxNameBytes) + " bytes of UTF-8 without control characters");
}

}  // namespace

void validate(const EventBatch& batch) {
  if (batch.size > kEventBatchCapacity) {
    throw std::invalid_argument("a batch of " + std::to_string(batch.size) + " events; it holds " +
                                std::to_string(kEventBatchCapacity));
  }
  for (std::size_t i = 0; i < batch.size; ++i) {
    check_name(i, "user", batch.user[i]);
    check_name(i, "task", batch.task[i]);
    if (batch.status[i] > kMaxStatus)
      refuse(i, "its status is " + std::to_string(batch.status[i]) + ", not 0 to 999");
    if (batch.quantity[i] < -kMaxQuantity || batch.quantity[i] > kMaxQuantity) {
      refuse(i, "its quantity is " + std::to_string(batch.quantity[i]) + ", beyond " +
                    std::to_string(kMaxQuantity));
    }
  }
}

}  // namespace billing
