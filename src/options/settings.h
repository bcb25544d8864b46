#pragma once

// What comes from `.env` and the environment: rates, ENVIRONMENT, LOG_LEVEL; from the environment
// alone: BILLING_SIMD, TMPDIR. A host that reads neither passes Settings() as they are.

#include <optional>
#include <string>
#include <vector>

#include "billing/price_book.h"
#include "billing/simd_level.h"
#include "options/mistakes.h"

namespace billing {

struct Settings {
  std::vector<RateSetting> env_file_rates;
  std::vector<RateSetting> environment_rates;
  std::optional<std::string> engine;     ///< value of ENVIRONMENT; the environment wins over `.env`
  std::optional<std::string> log_level;  ///< value of LOG_LEVEL, likewise; empty is not set
  std::string log_level_source;          ///< where it stands: `environment`, `.env:3`
  std::vector<std::string> warnings;     ///< of what was passed over; with marks: see tell()
  /// TMPDIR of the environment, or where that is usual: unlike /tmp never a file system in memory.
  std::string temp_folder = "/var/tmp";
  SimdLevel simd = best_simd_level();  ///< the value of BILLING_SIMD
};

/// Where settings are looked for: `.env` of the current folder, which is the price list of later
/// runs also where this one names another file, and that file.
std::vector<std::string> settings_files(const std::optional<std::string>& env_file);

/// Reads `env_file`, which must exist, or without one `.env` of the current folder, which need not;
/// then the environment.
Settings read_settings(const std::optional<std::string>& env_file, Mistakes& mistakes);

/// The level that BILLING_SIMD names (to test and to compare), or the best one.
SimdLevel read_simd_level(Mistakes& mistakes);

}  // namespace billing
