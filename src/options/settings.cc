#include "options/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/env_file.h"
#include "base/escape_text.h"

namespace billing {
namespace {

constexpr std::string_view kRatePrefix = "RATE_";
constexpr std::string_view kEngineKey = "ENVIRONMENT";
constexpr std::string_view kLogLevelKey = "LOG_LEVEL";
constexpr std::string_view kRateOfOthers = "RATE_*";
constexpr const char* kDefaultEnvFile = ".env";

bool is_relevant(std::string_view key) {
  return key.starts_with(kRatePrefix) || key == kEngineKey || key == kLogLevelKey;
}

std::string describe_rate_of_others(const std::string& source, const std::string& value) {
  return source + ": RATE_* is no rate of a task; that of all other tasks is said by \1rate '*=" +
         escaped_text(value) + "'";
}

void apply(std::string_view key, std::string_view value, const std::string& source,
           std::vector<RateSetting>& rates, Settings& settings) {
  if (key == kEngineKey) {
    settings.engine = value;
  } else if (key == kLogLevelKey) {
    if (value.empty()) return;
    settings.log_level = value;
    settings.log_level_source = source;
  } else {
    rates.push_back({std::string(key.substr(kRatePrefix.size())), std::string(value), source});
  }
}

void read_env_file(const std::string& path, bool must_exist, Settings& settings,
                   Mistakes& mistakes) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  const bool is_link = std::filesystem::is_symlink(path, ignored);
  // A folder of that name is somebody's virtual environment. A link that leads nowhere, or a pipe,
  // which some keep secrets in, is meant to be read.
  if (!must_exist && (is_folder || !(is_link || std::filesystem::exists(path, ignored)))) return;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open() || is_folder) {
    mistakes.add((must_exist ? "\1env-file: " : "") + quoted_text(path) +
                 " cannot be read: " + std::strerror(is_folder ? EISDIR : errno));
    return;
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> found;
  for (const EnvSetting& setting : parse_env_file(text, path, is_relevant, found)) {
    if (setting.key == kRateOfOthers) {
      found.push_back(
          describe_rate_of_others(path + ":" + std::to_string(setting.line), setting.value));
      continue;
    }
    apply(setting.key, setting.value, path + ":" + std::to_string(setting.line),
          settings.env_file_rates, settings);
  }
  mistakes.add_all(std::move(found));
}

/// The environment belongs to everybody: a variable of this kind that is no rate is another
/// program's, or a slip that a warning shows.
void drop_strangers(Settings& settings) {
  std::vector<RateSetting> rates;
  for (const RateSetting& rate : settings.environment_rates) {
    std::vector<std::string> complaints;
    if (rate.task == "*") {
      complaints.push_back(describe_rate_of_others(rate.source, rate.decimal));
    } else {
      PriceBook::build({{rate}}, complaints);
    }
    if (complaints.empty()) rates.push_back(rate);
    for (const std::string& complaint : complaints) {
      settings.warnings.push_back(complaint + "; ignored");
    }
  }
  settings.environment_rates = std::move(rates);
}

}  // namespace

std::vector<std::string> settings_files(const std::optional<std::string>& env_file) {
  std::vector<std::string> files{kDefaultEnvFile};
  if (env_file && *env_file != kDefaultEnvFile) files.push_back(*env_file);
  return files;
}

Settings read_settings(const std::optional<std::string>& env_file, Mistakes& mistakes) {
  Settings settings;
  const char* const temp_folder = std::getenv("TMPDIR");
  if (temp_folder != nullptr && *temp_folder != 0) settings.temp_folder = temp_folder;
  settings.simd = read_simd_level(mistakes);
  read_env_file(env_file.value_or(kDefaultEnvFile), env_file.has_value(), settings, mistakes);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    const std::string_view key = text.substr(0, equals);
    if (equals == std::string_view::npos || !is_relevant(key)) continue;
    apply(key, text.substr(equals + 1), "environment", settings.environment_rates, settings);
  }
  drop_strangers(settings);
  return settings;
}

SimdLevel read_simd_level(Mistakes& mistakes) {
  const char* const wish = std::getenv("BILLING_SIMD");
  if (wish == nullptr) return best_simd_level();
  std::string names;
  for (const SimdLevel level : available_simd_levels()) {
    if (name_of(level) == wish) return level;
    if (!names.empty()) names += ", ";
    names += name_of(level);
  }
  mistakes.add("BILLING_SIMD=" + quoted_text(wish) + ": this processor has: " + names);
  return best_simd_level();
}

}  // namespace billing
