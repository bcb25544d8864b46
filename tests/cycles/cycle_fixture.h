#pragma once

// The small language of the tests of cycles.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "billing/cycle_policy.h"
#include "billing/error.h"

namespace billing {

inline std::unique_ptr<const CyclePolicy> policy(const std::string& name,
                                                 const std::string& timezone = "UTC",
                                                 std::optional<int> anchor_day = std::nullopt) {
  return make_cycle_policy({name, timezone, anchor_day});
}

/// The instant of a time with offset, or in UTC.
inline std::int64_t at(const std::string& time) { return parse_instant_ns(time, "UTC"); }

inline std::string label_of(const CyclePolicy& cycles, std::int64_t cycle) {
  std::string label;
  cycles.append_label(cycle, label);
  return label;
}

inline std::string label_at(const CyclePolicy& cycles, const std::string& time) {
  return label_of(cycles, cycles.cycle_of(at(time)));
}

/// What the configuration error says that `action` throws; empty if it throws none.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::configuration ? error.what() : "another kind of error";
  }
  return "";
}

}  // namespace billing
