#pragma once

// What became of every record of an input: the figures behind the control totals. Nothing is lost
// silently, so records = accepted + rejected_total() + filtered + duplicates + blank + directives,
// always.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>

#include "billing/int128.h"
#include "billing/quantity.h"
#include "billing/reject.h"

namespace billing {

/// Totals of one input or of a part of it. Add up parts with +=, in any order; sums beyond 2^64
/// wrap.
struct InputTotals {
  std::uint64_t bytes = 0;       ///< line ends included
  std::uint64_t records = 0;     ///< all of them; one of quoted CSV may span several lines
  std::uint64_t accepted = 0;    ///< records that are billed
  std::uint64_t events = 0;      ///< of them: with measures a record makes several, or none
  std::uint64_t filtered = 0;    ///< what RecordFormat::where or the EventFilter drops
  std::uint64_t duplicates = 0;  ///< records of which another one with their key is billed
  std::uint64_t blank = 0;       ///< lines of nothing but blanks
  std::uint64_t directives = 0;  ///< headers and such: records that are about others
  /// Events without a quantity of their own, before filters by time and status, and before
  /// duplicates are dropped: the constant at the end of the selector's list is billed. Kept in no
  /// partial.
  std::uint64_t without_quantity = 0;
  RejectCounts rejected{};  ///< by the value of RejectReason
  /// Lines of rejects beyond their first: for the limit on rejects, and kept in no partial.
  std::uint64_t more_reject_lines = 0;
  /// Inputs that end with a broken record, and may hold more behind it; kept in no partial.
  std::uint64_t broken = 0;
  Int128 accepted_quantity = 0;  ///< in units of 10^-digits: see QuantityRules
  QuantityRounding rounding;     ///< of accepted records; kept in no partial

  /// Times of the first and the last accepted record, in ns since 1970. Meaningless while accepted
  /// is 0; += passes over them then.
  std::int64_t earliest_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t latest_ns = std::numeric_limits<std::int64_t>::min();

  std::uint64_t rejected_total() const {
    return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
  }

  InputTotals& operator+=(const InputTotals& other) {
    bytes += other.bytes;
    records += other.records;
    accepted += other.accepted;
    events += other.events;
    filtered += other.filtered;
    duplicates += other.duplicates;
    blank += other.blank;
    directives += other.directives;
    without_quantity += other.without_quantity;
    more_reject_lines += other.more_reject_lines;
    broken += other.broken;
    for (std::size_t i = 0; i < rejected.size(); ++i) rejected[i] += other.rejected[i];
    accepted_quantity += other.accepted_quantity;
    rounding += other.rounding;
    if (other.accepted > 0) {
      earliest_ns = std::min(earliest_ns, other.earliest_ns);
      latest_ns = std::max(latest_ns, other.latest_ns);
    }
    return *this;
  }
};

}  // namespace billing
