#pragma once

// The options that say what inputs are and which of their fields make an event.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/choose_format.h"
#include "options/command_options.h"
#include "options/mistakes.h"

namespace billing {

/// As typed.
struct FormatFlags {
  std::string format = "auto";
  std::optional<std::string> log_format;
  std::optional<std::string> unwrap;
  std::optional<std::string> stream;
  std::optional<std::string> time;
  std::optional<std::string> user;
  std::optional<std::string> task;
  std::optional<std::string> status_from;
  std::optional<std::string> quantity;
  std::vector<std::string> measures;
  std::optional<std::string> unit;
  std::optional<std::string> quantity_digits;
  std::optional<std::string> negative;
  std::optional<std::string> excess_digits;
  std::optional<std::string> input_timezone;
  std::vector<std::string> task_patterns;
  bool no_fold_ids = false;
  std::optional<std::string> separator;
  std::optional<std::string> quote;
  bool no_header = false;
  std::optional<std::string> columns;
  std::optional<std::string> decimal;
  std::optional<std::string> null_word;
  std::vector<std::string> where;  ///< an option of what is billed
  std::optional<std::string> dedupe_by;
  std::optional<std::string> dedupe_keep;
  std::optional<std::string> dedupe_missing;
};

void add_format_options(CommandOptions& options, FormatFlags& flags);

/// Those of duplicates.
void add_dedupe_options(CommandOptions& options, FormatFlags& flags, std::string_view group);

/// What the flags say, checked as far as it can be without inputs. `timezone` is that of cycles.
FormatSettings choose_format_settings(const FormatFlags& flags, const std::string& timezone,
                                      Mistakes& mistakes);

}  // namespace billing
