#pragma once

// Messages to people: on standard error, through spdlog.

#include <string_view>

namespace billing::cli {

/// `billing: warning: ...` on standard error, level info until set_log_level().
void start_log();

/// A name of LOG_LEVEL in any case: trace, debug, info, warn, warning, error, critical, off. False
/// for any other text.
bool set_log_level(std::string_view name);

}  // namespace billing::cli
