#include <algorithm>
#include <limits>
#include <utility>

#include "base/civil_time.h"
#include "cycles/cycle_families.h"

namespace billing {
namespace {

/// What all calendar cycles share: local days. A calendar numbers them:
///   cycle_of_day(day)  the cycle that holds the day
///   first_day(cycle)   the day on which the cycle begins; it ends where the next one begins
///   append_label(cycle, out)
template <typename Calendar>
class CalendarCycles final : public CyclePolicy {
 public:
  CalendarCycles(TimeZone zone, Calendar calendar) : zone_(std::move(zone)), calendar_(calendar) {}

  std::int64_t cycle_of(std::int64_t time_ns) const override {
    const std::int64_t time_s = floor_seconds(time_ns);
    const std::int64_t local_s = time_s + zone_.span_at(time_s).offset_s;
    return calendar_.cycle_of_day(floor_div(local_s, kSecondsPerDay));
  }

  /// The cycle as it would be if the present offset had always held, cut to the time it does hold.
  CycleSpan span_of(std::int64_t time_ns) const override {
    const std::int64_t cycle = cycle_of(time_ns);
    const OffsetSpan offset = zone_.span_at(floor_seconds(time_ns));
    const std::int64_t begin_s = calendar_.first_day(cycle) * kSecondsPerDay - offset.offset_s;
    const std::int64_t end_s = calendar_.first_day(cycle + 1) * kSecondsPerDay - offset.offset_s;
    return {saturated_ns(std::max(begin_s, offset.begin_s)),
            saturated_ns(std::min(end_s, offset.end_s)), cycle};
  }

  /// Where clocks go back over midnight, the first instant may be in a later cycle than the next
  /// ones, and the last in an earlier one than those before.
  CycleRange cycles_of(std::int64_t first_ns, std::int64_t last_ns) const override {
    return {walk(first_ns, saturated_sum(first_ns, kLongestReturnNs, last_ns)).first,
            walk(saturated_sum(last_ns, -kLongestReturnNs, first_ns), last_ns).last};
  }

  void append_label(std::int64_t cycle, std::string& out) const override {
    calendar_.append_label(cycle, out);
  }

  bool are_few() const override { return Calendar::kAreFew; }

 private:
  /// Longer than clocks ever show times again.
  static constexpr std::int64_t kLongestReturnNs = 2 * kSecondsPerDay * kNanosecondsPerSecond;

  /// `time + more`, but not beyond `limit`, which lies in that direction.
  static std::int64_t saturated_sum(std::int64_t time, std::int64_t more, std::int64_t limit) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(time, more, &sum)) return limit;
    return more > 0 ? std::min(sum, limit) : std::max(sum, limit);
  }

  CycleRange walk(std::int64_t first_ns, std::int64_t last_ns) const {
    CycleSpan span = span_of(first_ns);
    CycleRange range{span.cycle, span.cycle};
    // No span ends later than the last of all times, which is in it nevertheless.
    while (span.end_ns <= last_ns && span.end_ns < std::numeric_limits<std::int64_t>::max()) {
      span = span_of(span.end_ns);
      range = {std::min(range.first, span.cycle), std::max(range.last, span.cycle)};
    }
    return range;
  }

  TimeZone zone_;
  Calendar calendar_;
};

/// Cycle: the day number.
struct Days {
  static constexpr bool kAreFew = false;
  std::int64_t cycle_of_day(std::int64_t day) const { return day; }
  std::int64_t first_day(std::int64_t cycle) const { return cycle; }
  void append_label(std::int64_t cycle, std::string& out) const {
    append_date(civil_from_days(cycle), out);
  }
};

/// Cycle: weeks since the one of 1970-01-01.
struct Weeks {
  static constexpr bool kAreFew = false;
  std::int64_t cycle_of_day(std::int64_t day) const { return week_index(day); }
  std::int64_t first_day(std::int64_t cycle) const { return first_day_of_week(cycle); }
  void append_label(std::int64_t cycle, std::string& out) const {
    const IsoWeek week = iso_week_from_days(first_day_of_week(cycle));
    append_year(week.year, out);
    out += "-W";
    append_padded(week.week, 2, out);
  }
};

/// Cycle: runs of 1, 3 or 12 months, counted from January of year 0.
struct Months {
  static constexpr bool kAreFew = true;
  int months_per_cycle;
  int anchor_day;

  std::int64_t cycle_of_day(std::int64_t day) const {
    const CivilDate date = civil_from_days(day);
    const bool before_anchor = date.day < anchor_in(date.year, date.month);
    return floor_div(date.year * 12 + (date.month - 1) - (before_anchor ? 1 : 0), months_per_cycle);
  }

  std::int64_t first_day(std::int64_t cycle) const {
    const CivilDate month = first_month(cycle);
    return days_from_civil({month.year, month.month, anchor_in(month.year, month.month)});
  }

  void append_label(std::int64_t cycle, std::string& out) const {
    const CivilDate month = first_month(cycle);
    append_year(month.year, out);
    if (months_per_cycle == 3) {
      out += "-Q";
      append_padded((month.month - 1) / 3 + 1, 1, out);
    } else if (months_per_cycle == 1) {
      out.push_back('-');
      append_padded(month.month, 2, out);
    }
  }

 private:
  int anchor_in(std::int64_t year, int month) const {
    return std::min(anchor_day, days_in_month(year, month));
  }

  CivilDate first_month(std::int64_t cycle) const {
    const std::int64_t months = cycle * months_per_cycle;
    const std::int64_t year = floor_div(months, 12);
    return {year, static_cast<int>(months - year * 12) + 1, 1};
  }
};

template <typename Calendar>
std::unique_ptr<const CyclePolicy> make(TimeZone zone, Calendar calendar) {
  return std::make_unique<CalendarCycles<Calendar>>(std::move(zone), calendar);
}

}  // namespace

std::unique_ptr<const CyclePolicy> make_day_cycles(TimeZone zone) {
  return make(std::move(zone), Days{});
}

std::unique_ptr<const CyclePolicy> make_week_cycles(TimeZone zone) {
  return make(std::move(zone), Weeks{});
}

std::unique_ptr<const CyclePolicy> make_month_cycles(TimeZone zone, int anchor_day) {
  return make(std::move(zone), Months{1, anchor_day});
}

std::unique_ptr<const CyclePolicy> make_quarter_cycles(TimeZone zone, int anchor_day) {
  return make(std::move(zone), Months{3, anchor_day});
}

std::unique_ptr<const CyclePolicy> make_year_cycles(TimeZone zone, int anchor_day) {
  return make(std::move(zone), Months{12, anchor_day});
}

}  // namespace billing
