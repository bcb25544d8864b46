#pragma once

// The options of `billing aggregate`, as they are typed; aggregate_job.h makes a job of them.

#include <optional>
#include <string>
#include <vector>

#include "options/bill_flags.h"
#include "options/command_options.h"
#include "options/format_flags.h"
#include "options/usage_flags.h"

namespace billing {

/// As typed; nothing is checked yet, so that all mistakes can be reported together.
struct AggregateFlags : BillFlags {
  std::vector<std::string> inputs;
  std::optional<std::string> files_from;
  bool null_separated = false;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::optional<std::string> partitioned_by;
  std::optional<std::string> state;

  FormatFlags formats;
  UsageFlags usage;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> status;

  std::optional<std::string> rejects;
  std::optional<std::string> max_rejects;
  std::optional<std::string> duplicates;
  std::optional<std::string> dedupe_window;
  std::optional<std::string> max_record_bytes;
  std::optional<std::string> max_input_bytes;

  bool naive = false;
  bool parallel = false;
  std::optional<std::string> chunk_bytes;
};

void add_aggregate_options(CommandOptions& options, AggregateFlags& flags);

}  // namespace billing
