#pragma once

// Numbers and shares as options give them.

#include <cstdint>
#include <limits>
#include <string>

#include "billing/aggregate.h"

namespace billing {

/// Digits only, within [low, high]. Throws Error(configuration) that names the option.
std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t low,
                          std::uint64_t high);

/// `2GB`, `512MiB`, `100000`, within [low, high]. Throws Error(configuration) that names the
/// option.
std::uint64_t parse_bytes(const std::string& option, const std::string& text, std::uint64_t low,
                          std::uint64_t high = std::numeric_limits<std::uint64_t>::max());

/// `35d`, `12h`, `90m`, `30s`, at least 1 and at most 100 years, in ns. Throws Error(configuration)
/// that names the option.
std::int64_t parse_length_ns(const std::string& option, const std::string& text);

inline constexpr unsigned kMaxThreads = 1024;

/// A number of `--threads`. Throws Error(configuration).
unsigned parse_threads(const std::string& text);

/// `N` or `P%` of `--max-rejects`. Throws Error(configuration).
RejectLimit parse_reject_limit(const std::string& text);

}  // namespace billing
