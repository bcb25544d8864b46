#pragma once

// The options of `billing aggregate`, as they are typed; aggregate_job.h makes a job of them.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace billing::cli {

/// As typed; nothing is checked yet, so that all mistakes can be reported together.
struct AggregateFlags {
  std::vector<std::string> inputs;
  std::optional<std::string> output;
  std::optional<std::string> output_format;
  bool csv_safe = false;

  std::string group_by = "user,cycle,task";
  std::string cycle = "calls:5";
  std::optional<std::string> anchor_day;
  std::string timezone = "UTC";
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> status;

  std::vector<std::string> rates;
  std::optional<std::string> env_file;
  std::optional<std::string> unrated;
  std::string rounding = "half-up";
  std::string scale = "2";

  std::optional<std::string> rejects;
  std::optional<std::string> max_rejects;

  bool naive = false;
  bool parallel = false;
  std::optional<std::string> threads;
  std::optional<std::string> chunk_bytes;

  bool quiet = false;
  std::string summary = "text";
};

void add_aggregate_options(CLI::App& app, AggregateFlags& flags);

}  // namespace billing::cli
