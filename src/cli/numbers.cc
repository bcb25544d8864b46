#include "cli/numbers.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/money.h"

namespace billing::cli {

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

unsigned parse_threads(const std::string& text) {
  return static_cast<unsigned>(parse_count("--threads", text, 1, kMaxThreads));
}

RejectLimit parse_reject_limit(const std::string& text) {
  if (text.ends_with('%')) {
    const auto percent = parse_decimal(std::string_view(text).substr(0, text.size() - 1));
    if (percent && *percent <= 100 * kMoneyUnit) return {std::nullopt, percent};
    throw Error(ErrorKind::configuration,
                "--max-rejects: " + quoted_text(text) + " is not a share such as 0.5%");
  }
  try {
    return {parse_count("--max-rejects", text, 0, std::numeric_limits<std::uint64_t>::max()),
            std::nullopt};
  } catch (const Error&) {
    throw Error(ErrorKind::configuration,
                "--max-rejects: " + quoted_text(text) +
                    " is neither a whole number such as 10 nor a share such as 0.5%");
  }
}

}  // namespace billing::cli
