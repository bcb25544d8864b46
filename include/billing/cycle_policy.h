#pragma once

// Billing cycles: which period an event belongs to, in what order the periods stand, and their
// labels. A cycle is an integer that grows with time ("ordinal"); what it counts is the policy's
// own business (days, months, seconds at which the period begins ...). Times are in nanoseconds
// since 1970-01-01T00:00:00Z.
//
//     const auto weeks = make_cycle_policy({.policy = "week", .timezone = "Europe/Berlin"});
//     std::string label;
//     weeks->append_label(weeks->cycle_of(time_ns), label);  // 2025-W18

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

namespace billing {

/// All instants of [begin_ns, end_ns) belong to `cycle`. A cycle may consist of several spans:
/// where clocks go back over midnight, a local day is not contiguous.
struct CycleSpan {
  std::int64_t begin_ns;
  std::int64_t end_ns;
  std::int64_t cycle;
};

/// The span of a policy whose cycles time does not tell apart.
inline constexpr CycleSpan kAllTimes{std::numeric_limits<std::int64_t>::min(),
                                     std::numeric_limits<std::int64_t>::max(), 0};

/// From the first to the last cycle, both included.
struct CycleRange {
  std::int64_t first;
  std::int64_t last;
};

/// Immutable after construction; all members may be called from any number of threads. Take one
/// from make_cycle_policy(), or derive from it for cycles of your own.
class CyclePolicy {
 public:
  virtual ~CyclePolicy() = default;

  /// The cycle of one instant, computed directly.
  virtual std::int64_t cycle_of(std::int64_t time_ns) const = 0;

  /// A span around the instant, as long as is cheap to find, so that a caller who keeps it need not
  /// ask for each event.
  virtual CycleSpan span_of(std::int64_t time_ns) const = 0;

  /// The cycles of the instants from first_ns to last_ns, both included.
  virtual CycleRange cycles_of(std::int64_t first_ns, std::int64_t last_ns) const {
    return {cycle_of(first_ns), cycle_of(last_ns)};
  }

  /// Whether this policy can have returned a cycle, given that it lies between two that it has.
  virtual bool is_cycle(std::int64_t /*cycle*/) const { return true; }

  /// Appends the label, e.g. `2025-W18`. `cycle` must be one that this policy returned.
  virtual void append_label(std::int64_t cycle, std::string& out) const = 0;

  /// Whether cycles are so long, four weeks or more, that the events of one run may be of few of
  /// them. Only for speed: the results do not depend on it.
  virtual bool are_few() const { return false; }

  /// N for `calls:N`, whose cycles are runs of N calls of a user, numbered from 1 when usage is
  /// closed; 0 for all policies in which the time alone decides.
  virtual std::uint64_t calls_per_cycle() const { return 0; }
};

struct CycleSettings {
  std::string policy = "calls:5";  ///< calls:N hour day week month quarter year every:<n><unit> all
  std::string timezone = "UTC";    ///< IANA name
  std::optional<int> anchor_day;   ///< 1..31; month, quarter and year only
};

/// Never null. Throws Error(configuration) that says what is wrong and which policies there are.
std::unique_ptr<const CyclePolicy> make_cycle_policy(const CycleSettings& settings);

/// Throws Error(configuration) where the system knows no such zone.
void check_timezone(const std::string& timezone);

/// The instant, in ns since 1970, that a text such as `2025-05-02`, `2025-05-02T23:16:50.25` or
/// `2025-05-02T23:16:50+02:00` names: in `timezone` unless the text carries an offset. A local time
/// that clocks skip means the moment they jump; one that occurs twice, its first occurrence. Throws
/// Error(configuration) for other text.
std::int64_t parse_instant_ns(const std::string& text, const std::string& timezone);

}  // namespace billing
