#include "options/check_job.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/cycle_policy.h"
#include "billing/input_paths.h"
#include "options/numbers.h"

namespace billing {

void add_check_options(CommandOptions& options, CheckFlags& flags) {
  options.operands = {.value = "FILE", .target = &flags.inputs};
  constexpr std::string_view kGroup = "What is looked at";
  options.add({.names = "--records",
               .value = "N",
               .purpose = "How many records of each input, from its start, 1 to 1000000",
               .target = &flags.records,
               .group = kGroup});
  options.add({.names = "--max-record-bytes",
               .value = "SIZE",
               .purpose = "A longer line is a bad record, whatever it holds. Default: 16MiB",
               .target = &flags.max_record_bytes,
               .group = kGroup});
  options.add({.names = "--timezone",
               .value = "ZONE",
               .purpose = "IANA zone of times that have no offset, unless --input-timezone says "
                          "another. Default: UTC",
               .target = &flags.timezone,
               .group = kGroup,
               .completes = Completion::time_zone});
  options.add({.names = "--json",
               .purpose = "One JSON object instead of lines",
               .target = &flags.json,
               .group = kGroup});
  add_format_options(options, flags.formats);
  add_dedupe_options(options, flags.formats, "Duplicates");
}

CheckJob make_check_job(const CheckFlags& flags, Mistakes& mistakes) {
  CheckJob job;
  job.inputs = flags.inputs;
  if (job.inputs.empty()) {
    if (isatty(STDIN_FILENO))
      mistakes.add("no input; name a log (billing check logs.txt) or pipe one in");
    job.inputs.emplace_back("-");
  }
  std::string timezone = "UTC";
  if (flags.timezone) {
    timezone = mistakes.attempt(
        [&] {
          check_timezone(*flags.timezone);
          return *flags.timezone;
        },
        timezone);
  }
  job.format = choose_format_settings(flags.formats, timezone, mistakes);
  constexpr std::uint64_t kMaxRecords = 1'000'000;
  job.max_records = mistakes.attempt(
      [&] { return parse_count("\1records", flags.records, 1, kMaxRecords); }, job.max_records);
  if (flags.max_record_bytes) {
    job.max_record_bytes = mistakes.attempt(
        [&] {
          return parse_bytes("\1max-record-bytes", *flags.max_record_bytes, kMinRecordLimitBytes,
                             kMaxRecordLimitBytes);
        },
        job.max_record_bytes);
  }
  return job;
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

void find_checked_files(CheckJob& job, const JobHooks& hooks,
                        const std::function<void(const std::string&)>& note) {
  constexpr std::size_t kMaxFiles = 3;
  std::vector<std::string> found;
  for (const std::string& input : job.inputs) {
    if (!is_folder(input)) {
      found.push_back(input);
      continue;
    }
    std::vector<std::string> files = find_inputs({.named = {input}}, hooks).paths;
    if (files.size() > kMaxFiles) {
      note(fmt::format("{} holds {} files; the first {} are looked at", quoted_text(input),
                       grouped(files.size()), kMaxFiles));
      files.resize(kMaxFiles);
    }
    found.insert(found.end(), files.begin(), files.end());
  }
  job.inputs = std::move(found);
}

}  // namespace billing
