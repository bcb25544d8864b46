#include "cli/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "base/lower_case.h"

namespace billing::cli {
namespace {

/// https://no-color.org
bool wants_no_color() {
  const char* const value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

}  // namespace

void start_log() {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      wants_no_color() ? spdlog::color_mode::never : spdlog::color_mode::automatic);
  auto logger = std::make_shared<spdlog::logger>("billing", std::move(sink));
  logger->set_pattern("billing: %^%l%$: %v");
  logger->set_level(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

bool set_log_level(std::string_view name) {
  using spdlog::level::level_enum;
  static constexpr std::array<level_enum, kLogLevels.size()> kLevels = {
      level_enum::trace, level_enum::debug, level_enum::info, level_enum::warn,
      level_enum::warn,  level_enum::err,   level_enum::err,  level_enum::off};
  const auto* const found = std::find(kLogLevels.begin(), kLogLevels.end(), lower_case(name));
  if (found == kLogLevels.end()) return false;
  spdlog::set_level(kLevels[static_cast<std::size_t>(found - kLogLevels.begin())]);
  return true;
}

bool tells_news() { return spdlog::should_log(spdlog::level::info); }

}  // namespace billing::cli
