#include "options/numbers.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/money.h"

namespace billing {

std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t low,
                          std::uint64_t high) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem == std::errc() && stop == end && value >= low && value <= high) return value;
  const bool open = high == std::numeric_limits<std::uint64_t>::max();
  throw Error(ErrorKind::configuration,
              fmt::format("{}: {} is not a whole number {}", option, quoted_text(text),
                          open ? fmt::format("of at least {}", low)
                               : fmt::format("from {} to {}", low, high)));
}

std::uint64_t parse_bytes(const std::string& option, const std::string& text, std::uint64_t low,
                          std::uint64_t high) {
  static constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"", 1},
      {"B", 1},
      {"KB", 1000},
      {"MB", 1'000'000},
      {"GB", 1'000'000'000},
      {"TB", 1'000'000'000'000},
      {"KiB", std::uint64_t{1} << 10},
      {"MiB", std::uint64_t{1} << 20},
      {"GiB", std::uint64_t{1} << 30},
      {"TiB", std::uint64_t{1} << 40}};
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  for (const auto& [unit, bytes] : kUnits) {
    if (problem != std::errc() || std::string_view(stop, end) != unit) continue;
    if (!__builtin_mul_overflow(value, bytes, &value) && value >= low && value <= high)
      return value;
  }
  const bool open = high == std::numeric_limits<std::uint64_t>::max();
  throw Error(
      ErrorKind::configuration,
      fmt::format("{}: {} is not a size {}, such as 512MB or 2GB", option, quoted_text(text),
                  open ? fmt::format("of at least {} bytes", low)
                       : fmt::format("from {} to {} bytes", low, high)));
}

std::int64_t parse_length_ns(const std::string& option, const std::string& text) {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  constexpr std::int64_t kDayNs = 86'400 * kSecondNs;
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"s", kSecondNs}, {"m", 60 * kSecondNs}, {"h", 3600 * kSecondNs}, {"d", kDayNs}};
  constexpr std::int64_t kMostNs = 36'500 * kDayNs;
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, count);
  for (const auto& [unit, unit_ns] : kUnits) {
    const bool is_number = problem == std::errc() && std::string_view(stop, end) == unit;
    if (is_number && count >= 1 && count <= kMostNs / unit_ns) return count * unit_ns;
  }
  throw Error(ErrorKind::configuration,
              fmt::format("{}: {} is no length of time from 1s to 36500d, such as 35d or 12h",
                          option, quoted_text(text)));
}

unsigned parse_threads(const std::string& text) {
  return static_cast<unsigned>(parse_count("\1threads", text, 1, kMaxThreads));
}

RejectLimit parse_reject_limit(const std::string& text) {
  if (text.ends_with('%')) {
    const auto percent = parse_decimal(std::string_view(text).substr(0, text.size() - 1));
    if (percent && *percent <= 100 * kMoneyUnit) return {std::nullopt, percent};
    throw Error(ErrorKind::configuration,
                "\1max-rejects: " + quoted_text(text) + " is not a share such as 0.5%");
  }
  try {
    return {parse_count("\1max-rejects", text, 0, std::numeric_limits<std::uint64_t>::max()),
            std::nullopt};
  } catch (const Error&) {
    throw Error(ErrorKind::configuration,
                "\1max-rejects: " + quoted_text(text) +
                    " is neither a whole number such as 10 nor a share such as 0.5%");
  }
}

}  // namespace billing
