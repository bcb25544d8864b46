#pragma once

// The options of all commands that end in a bill: where it goes, what it costs, what the work may
// take.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/bill.h"
#include "options/command_options.h"
#include "options/mistakes.h"
#include "options/settings.h"

namespace billing {

/// As typed; nothing is checked yet, so that all mistakes can be reported together.
struct BillFlags {
  std::optional<std::string> output;
  std::optional<std::string> output_format;
  std::optional<std::string> partial;
  bool csv_safe = false;

  std::vector<std::string> rates;
  std::optional<std::string> env_file;
  std::optional<std::string> unrated;
  std::optional<std::string> rounding;
  std::optional<std::string> scale;

  std::optional<std::string> threads;
  std::optional<std::string> memory_limit;
  std::optional<std::string> temp_dir;
  std::optional<std::string> slice_bytes;

  bool quiet = false;
  std::string summary = "text";
};

inline constexpr std::string_view kFilesGroup = "Input and output";
inline constexpr std::string_view kEngineGroup = "Engine";

void add_output_options(CommandOptions& options, BillFlags& flags);
/// `reads_records`: whether the command can reject those whose task has no rate.
void add_money_options(CommandOptions& options, BillFlags& flags, bool reads_records);
void add_message_options(CommandOptions& options, BillFlags& flags);
void add_resource_options(CommandOptions& options, BillFlags& flags);

/// Fills in the job. What is wrong is added to `mistakes`. `reads_records`: see above.
void set_bill(const BillFlags& flags, const Settings& settings, bool reads_records, BillJob& job,
              Mistakes& mistakes);

}  // namespace billing
