#pragma once

#include <cstdint>

namespace billing {

/// What tests change of an engine, so that little input shows what much does. Hosts never do.
struct EngineKnobs {
  /// Keeps every event in the record form that is meant for rare ones (fractions of a second, times
  /// after 2106, long durations).
  bool wide_records = false;
  /// Usage that is kept in memory, if not 0.
  std::uint64_t slice_bytes = 0;
};

}  // namespace billing
