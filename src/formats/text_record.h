#pragma once

// The API log, one line a record: `<time> <user> <task> <status> <duration>ms`.
// The careful path: decides about every record, well-formed or not.

#include <cstdint>
#include <string_view>

#include "billing/reject.h"

namespace billing {

struct TextRecord {
  std::int64_t time_ns;
  std::string_view user;  ///< views into the line
  std::string_view task;
  std::uint16_t status;
  std::int64_t duration_ms;
};

enum class TextOutcome { event, blank, reject };

struct TextDecision {
  TextOutcome outcome;
  RejectReason reason;   ///< of a reject
  std::uint32_t column;  ///< of a reject, 1-based byte in the line
};

/// `line` comes without its LF. Fills `record` when the outcome is an event.
TextDecision decode_text_record(std::string_view line, TextRecord& record);

}  // namespace billing
