#pragma once

// What a format makes of an input's first records: tried on them, as a run would read them.

#include <cstdint>
#include <optional>

#include "billing/choose_format.h"
#include "billing/record_format.h"
#include "billing/reject.h"

namespace billing {

struct Fit {
  std::uint64_t events = 0;
  std::uint64_t records = 0;  ///< without blanks and directives
  std::uint64_t directives = 0;
  /// How far into the records that make no event they are as the format wants them: 0 to 1 for
  /// each, added up.
  double reached = 0;
  std::optional<Reject> first_reject;
};

/// Whether so many of an input's records are enough to take what they are for the input's.
inline bool are_most(std::uint64_t some, std::uint64_t records) {
  constexpr std::uint64_t kTenths = 9;
  return some * 10 >= records * kTenths;
}

/// The first records of an input, whole: at most a thousand lines.
InputSample first_records(const InputSample& sample);

/// Throws Error(configuration) where the format cannot be made.
Fit try_on(const RecordFormat& format, const InputSample& sample);

}  // namespace billing
