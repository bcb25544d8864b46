#pragma once

// The options of `billing check`, and the job that they describe.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "billing/check.h"
#include "billing/job_hooks.h"
#include "options/command_options.h"
#include "options/format_flags.h"
#include "options/mistakes.h"

namespace billing {

/// As typed.
struct CheckFlags {
  std::vector<std::string> inputs;
  FormatFlags formats;
  std::optional<std::string> timezone;
  std::string records = "1000";
  std::optional<std::string> max_record_bytes;
  bool json = false;
};

void add_check_options(CommandOptions& options, CheckFlags& flags);

/// The job that the flags describe. What is wrong is added to `mistakes`, and the job is then of no
/// use.
CheckJob make_check_job(const CheckFlags& flags, Mistakes& mistakes);

/// Whether an input that was named is a folder.
bool is_folder(const std::string& path);

/// Puts the first files of each folder that the job names in its place. `note` takes what is left
/// out.
void find_checked_files(CheckJob& job, const JobHooks& hooks,
                        const std::function<void(const std::string&)>& note);

}  // namespace billing
