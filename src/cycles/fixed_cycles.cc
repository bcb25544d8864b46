#include <charconv>
#include <string>

#include "base/civil_time.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "cycles/cycle_families.h"

namespace billing {
namespace {

constexpr std::int64_t kMaxUnits = 1'000'000'000;

/// Cycles of this length and more are few; see CyclePolicy.
constexpr std::int64_t kFewFrom_s = 28 * kSecondsPerDay;

/// Cycle: how many lengths it begins after 1970-01-01T00:00:00Z.
class EveryCycles final : public CyclePolicy {
 public:
  explicit EveryCycles(std::int64_t length_s) : length_s_(length_s) {}

  std::int64_t cycle_of(std::int64_t time_ns) const override {
    return floor_div(floor_seconds(time_ns), length_s_);
  }

  CycleSpan span_of(std::int64_t time_ns) const override {
    const std::int64_t cycle = cycle_of(time_ns);
    return {saturated_ns(cycle * length_s_), saturated_ns((cycle + 1) * length_s_), cycle};
  }

  void append_label(std::int64_t cycle, std::string& out) const override {
    append_date_and_time(cycle * length_s_, out);
    out.push_back('Z');
  }

  bool are_few() const override { return length_s_ >= kFewFrom_s; }

 private:
  std::int64_t length_s_;
};

class AllCycles final : public CyclePolicy {
 public:
  std::int64_t cycle_of(std::int64_t) const override { return 0; }

  CycleSpan span_of(std::int64_t) const override { return kAllTimes; }

  void append_label(std::int64_t, std::string& out) const override { out += "all"; }

  bool are_few() const override { return true; }
};

/// 0 where `unit` is none of s, m, h and d.
std::int64_t seconds_per(std::string_view unit) {
  if (unit == "s") return 1;
  if (unit == "m") return kSecondsPerMinute;
  if (unit == "h") return kSecondsPerHour;
  if (unit == "d") return kSecondsPerDay;
  return 0;
}

/// 0 where `length` is no length.
std::int64_t length_seconds(std::string_view length) {
  const char* const end = length.data() + length.size();
  std::int64_t units = 0;
  const auto [unit, error] = std::from_chars(length.data(), end, units);
  if (error != std::errc() || units < 1 || units > kMaxUnits) return 0;
  return units * seconds_per({unit, end});
}

}  // namespace

std::unique_ptr<const CyclePolicy> make_every_cycles(std::string_view length) {
  const std::int64_t length_s = length_seconds(length);
  if (length_s == 0) {
    throw Error(ErrorKind::configuration,
                "\1cycle: " + quoted_text("every:" + std::string(length)) +
                    " is no length; use every: with a number from 1 to 1000000000 and s, m, h or "
                    "d, such as every:15m");
  }
  return std::make_unique<EveryCycles>(length_s);
}

std::unique_ptr<const CyclePolicy> make_all_cycles() { return std::make_unique<AllCycles>(); }

}  // namespace billing
