#pragma once

// A record that could not be decoded or is not allowed: data, never an exception.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace billing {

/// In the order in which they apply: the first that fits names the reject.
enum class RejectReason : std::uint8_t {
  too_long,
  field_count,
  bad_record,  ///< not of its format's form
  bad_time,
  bad_user,
  bad_task,
  bad_status,
  bad_duration,  ///< of `text`
  bad_quantity,  ///< of all other formats
  unrated_task,
  duplicate,  ///< of no count: only in the file of duplicates, which are no rejects
};

inline constexpr std::size_t kRejectReasonCount = 10;

/// The reason as it stands in files and messages, e.g. `bad_time`.
std::string_view reject_reason_name(RejectReason reason);
/// The other way round, of those that are counted; nothing for another name.
std::optional<RejectReason> reject_reason_of(std::string_view name);

using RejectCounts = std::array<std::uint64_t, kRejectReasonCount>;

struct Reject {
  RejectReason reason;
  std::uint32_t column;            ///< 1-based byte of the offending field (saturates at 2^32 - 1)
  std::uint64_t offset_bytes;      ///< 0-based start of the record in the bytes it was decoded from
  std::uint64_t length_bytes = 0;  ///< of the record, without its LF; 0: the rest of its line
};

}  // namespace billing
