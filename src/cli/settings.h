#pragma once

// What comes from `.env` and the environment: rates, ENVIRONMENT, LOG_LEVEL.

#include <optional>
#include <string>
#include <vector>

#include "billing/price_book.h"
#include "cli/mistakes.h"

namespace billing::cli {

struct Settings {
  std::vector<RateSetting> env_file_rates;
  std::vector<RateSetting> environment_rates;
  std::optional<std::string> engine;     ///< value of ENVIRONMENT; the environment wins over `.env`
  std::optional<std::string> log_level;  ///< value of LOG_LEVEL, likewise
};

/// Reads `env_file`, which must exist, or without one `.env` of the current folder, which need not;
/// then the environment.
Settings read_settings(const std::optional<std::string>& env_file, Mistakes& mistakes);

}  // namespace billing::cli
