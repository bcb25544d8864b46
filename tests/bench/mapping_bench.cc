// Texts of fields to instants and quantities, per text. The texts of one run differ, so that
// neither their digits nor their bytes are learned by heart.

#include <benchmark/benchmark.h>

#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/quantity_reader.h"
#include "mapping/time_reader.h"

namespace billing {
namespace {

constexpr std::size_t kTexts = 4096;

/// Texts like `pattern`, of which each `#` is any digit, and `%` one of 0 and 1.
class Texts {
 public:
  explicit Texts(const std::string& pattern) {
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < kTexts; ++i) {
      for (const char c : pattern) {
        bytes_ += c == '#'   ? static_cast<char>('0' + random() % 10)
                  : c == '%' ? static_cast<char>('0' + random() % 2)
                             : c;
      }
    }
    for (std::size_t i = 0; i < kTexts; ++i)
      views_.push_back(std::string_view(bytes_).substr(i * pattern.size(), pattern.size()));
  }

  const std::vector<std::string_view>& views() const { return views_; }

 private:
  std::string bytes_;
  std::vector<std::string_view> views_;
};

void read_times(benchmark::State& state, const char* kind, const char* zone,
                const std::string& pattern) {
  const Texts texts(pattern);
  const TimeReader reader(kind, zone);
  std::int64_t refused = 0;
  for (auto _ : state) {
    std::int64_t sum = 0;
    for (const std::string_view text : texts.views()) {
      std::int64_t time_ns = 0;
      refused += reader.read(text, time_ns) ? 0 : 1;
      sum += time_ns;
    }
    benchmark::DoNotOptimize(sum);
  }
  if (refused != 0) state.SkipWithError("texts were refused");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kTexts));
}

void read_quantities(benchmark::State& state, const char* unit, const std::string& pattern) {
  const Texts texts(pattern);
  const QuantityReader reader(unit, {"ms", 6, false}, ExcessDigits::reject, {});
  std::int64_t refused = 0;
  for (auto _ : state) {
    std::int64_t sum = 0;
    for (const std::string_view text : texts.views()) {
      std::int64_t quantity = 0;
      refused += reader.read(text, quantity) == QuantityReader::Result::good ? 0 : 1;
      sum += quantity;
    }
    benchmark::DoNotOptimize(sum);
  }
  if (refused != 0) state.SkipWithError("texts were refused");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kTexts));
}

// Each place has digits with which every time exists.
BENCHMARK_CAPTURE(read_times, rfc3339, "rfc3339", "UTC", "20##-1%-1#T%#:3#:4#Z");
BENCHMARK_CAPTURE(read_times, rfc3339_milliseconds, "rfc3339", "UTC", "20##-1%-1#T%#:3#:4#.###Z");
BENCHMARK_CAPTURE(read_times, rfc3339_nanoseconds, "rfc3339", "UTC",
                  "20##-1%-1#T%#:3#:4#.#########Z");
BENCHMARK_CAPTURE(read_times, rfc3339_offset, "rfc3339", "UTC", "20##-1%-1#T%#:3#:4#+0#:00");
BENCHMARK_CAPTURE(read_times, local_time, "rfc3339", "Europe/Berlin", "20##-1%-1# %#:3#:4#");
BENCHMARK_CAPTURE(read_times, clf, "clf", "UTC", "1#/Oct/20##:%#:3#:4# +0#00");
BENCHMARK_CAPTURE(read_times, auto_clf, "auto", "UTC", "1#/Oct/20##:%#:3#:4# +0#00");
BENCHMARK_CAPTURE(read_times, unix_milliseconds, "unix", "UTC", "17########.###");
BENCHMARK_CAPTURE(read_times, auto_milliseconds, "auto", "UTC", "17###########");
BENCHMARK_CAPTURE(read_times, pattern, "%d.%m.%Y %H:%M:%S", "UTC", "1#.1%.20## %#:3#:4#");
BENCHMARK_CAPTURE(read_quantities, whole, "", "1##");
BENCHMARK_CAPTURE(read_quantities, request_time, "s", "0.2##");
BENCHMARK_CAPTURE(read_quantities, eight_bytes, "ms", "##.#####");
BENCHMARK_CAPTURE(read_quantities, ten_digits, "ns", "1#########");
BENCHMARK_CAPTURE(read_quantities, with_word, "auto", "26#.4ms");

}  // namespace
}  // namespace billing
