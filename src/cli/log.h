#pragma once

// Messages to people: on standard error, through spdlog.

#include <array>
#include <string_view>

namespace billing::cli {

/// `billing: warning: ...` on standard error, level info until set_log_level().
void start_log();

/// What stands before a setting's name in messages: see billing::tell().
inline constexpr std::string_view kOptionSign = "--";

/// The names of LOG_LEVEL.
inline constexpr std::array<std::string_view, 8> kLogLevels = {
    "trace", "debug", "info", "warning", "warn", "error", "critical", "off"};

/// One of them in any case; false for any other text. `critical` is `error`: an error that ends the
/// program is critical.
bool set_log_level(std::string_view name);

/// Whether what is no warning is told: the summary, the progress.
bool tells_news();

}  // namespace billing::cli
