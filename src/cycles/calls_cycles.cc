#include <charconv>
#include <limits>
#include <string>

#include "base/escape_text.h"
#include "billing/error.h"
#include "cycles/cycle_families.h"

namespace billing {
namespace {

/// All times are in cycle 0, so that a caller who keeps spans never asks again.
class CallsCycles final : public CyclePolicy {
 public:
  explicit CallsCycles(std::uint64_t calls_per_cycle) : calls_per_cycle_(calls_per_cycle) {}

  std::int64_t cycle_of(std::int64_t) const override { return 0; }

  CycleSpan span_of(std::int64_t) const override { return kAllTimes; }

  void append_label(std::int64_t cycle, std::string& out) const override {
    out += std::to_string(cycle);
  }

  std::uint64_t calls_per_cycle() const override { return calls_per_cycle_; }

 private:
  std::uint64_t calls_per_cycle_;
};

}  // namespace

std::unique_ptr<const CyclePolicy> make_calls_cycles(std::string_view calls) {
  const char* const end = calls.data() + calls.size();
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(calls.data(), end, number);
  if (error != std::errc() || rest != end || number < 1) {
    throw Error(ErrorKind::configuration,
                "\1cycle: " + quoted_text("calls:" + std::string(calls)) +
                    " is no number of calls; use calls: with a number from 1 to " +
                    std::to_string(std::numeric_limits<std::int64_t>::max()) + ", such as calls:5");
  }
  return std::make_unique<CallsCycles>(static_cast<std::uint64_t>(number));
}

}  // namespace billing
