// The values of a few hundred generated records, before they become text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace billing {

inline constexpr std::array<std::string_view, 5> kGeneratedTasks = {
    "login", "getUserProfile", "createOrder", "updateInventory", "deleteOrder"};

/// Statuses with their shares of a generated log, in fortieths (2.5 %).
struct StatusShare {
  std::string_view status;
  std::size_t fortieths;
};
inline constexpr std::array<StatusShare, 6> kGeneratedStatuses = {
    {{"200", 32}, {"201", 2}, {"400", 2}, {"401", 1}, {"404", 2}, {"500", 1}}};

/// A call is a pair of task and status. One number stands for both: task * 40 + a fortieth, so
/// that one uniform draw gives the pair with its share and one row of a table gives its text.
inline constexpr std::size_t kCallsPerTask = 40;
inline constexpr std::size_t kGeneratedCalls = kGeneratedTasks.size() * kCallsPerTask;

constexpr std::string_view task_of_call(std::size_t call) {
  return kGeneratedTasks[call / kCallsPerTask];
}

constexpr std::string_view status_of_call(std::size_t call) {
  std::size_t fortieth = call % kCallsPerTask;
  std::size_t i = 0;
  for (; fortieth >= kGeneratedStatuses[i].fortieths; ++i) {
    fortieth -= kGeneratedStatuses[i].fortieths;
  }
  return kGeneratedStatuses[i].status;
}

inline constexpr std::uint64_t kMinDurationMs = 50;
inline constexpr std::uint64_t kMaxDurationMs = 2000;

/// A structure of arrays of `size` records: each loop that fills or reads it touches few of them.
struct RecordBatch {
  static constexpr std::size_t kCapacity = 256;
  static constexpr std::uint8_t kNotBad = 255;

  std::size_t size = 0;
  std::array<std::int64_t, kCapacity> time_s;  // since 1970-01-01T00:00:00Z
  std::array<std::uint64_t, kCapacity> user;   // the number in its name
  std::array<std::uint16_t, kCapacity> call;   // 0..kGeneratedCalls-1
  std::array<std::uint16_t, kCapacity> duration_ms;
  std::array<std::uint8_t, kCapacity> bad_kind;  // kNotBad or a row of bad_record_kinds()
};

}  // namespace billing
