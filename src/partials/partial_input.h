#pragma once

// One input of a partial: what was read of it; docs/partial-format.md describes the encoding.

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_codec.h"
#include "billing/control_totals.h"
#include "partials/content_hash.h"

namespace billing {

/// How far an input was looked at, for runs that go on where the last one ended.
struct SeenContent {
  std::uint64_t bytes = 0;
  ContentHash hash{};             ///< of these bytes
  std::uint64_t taken_bytes = 0;  ///< whole lines, from the start
  std::uint64_t taken_lines = 0;
  std::string last_line;  ///< what follows: not taken in; empty once a later run has read on
};

struct PartialInput {
  std::string name;
  InputTotals totals;
  std::optional<SeenContent> seen;
};

/// The one way of writing an input.
void append_input(std::string& out, const PartialInput& input);

/// The next input; `bytes` has failed where there is none.
PartialInput read_input(ByteReader& bytes);

}  // namespace billing
