#pragma once

// One line of the API log, read the plain way. It shares no code with the fast decoder: that is why
// the two may judge each other.

#include <cstdint>
#include <string_view>
#include <variant>

#include "billing/quantity.h"
#include "billing/reject.h"

namespace billing::naive {

struct Blank {};

/// The names point into the line that was parsed.
struct Event {
  std::int64_t time_ns;
  std::string_view user;
  std::string_view task;
  std::uint16_t status;
  std::int64_t quantity;
};

struct Flaw {
  RejectReason reason;
  std::uint32_t column;  ///< 1-based byte of the line
};

using Record = std::variant<Blank, Event, Flaw>;

/// `line` comes without its LF and the one CR before it. Quantities are ms of `digits` decimals.
Record parse_record(std::string_view line, int digits = 0);

/// The 1-based column at which `field`, a part of `line`, begins; saturates at 2^32 - 1.
std::uint32_t column_of(std::string_view line, std::string_view field);

}  // namespace billing::naive
