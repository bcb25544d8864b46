#include "options/bill_flags.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <span>
#include <thread>

#include "base/engine_knobs.h"
#include "base/escape_text.h"
#include "base/lower_case.h"
#include "base/machine_memory.h"
#include "options/choices.h"
#include "options/numbers.h"

namespace billing {
namespace {

/// The program itself takes some of it.
constexpr std::uint64_t kMinMemoryBytes = 64'000'000;

/// Endings of files that somebody expects to hold something else, and what to do.
constexpr std::pair<const char*, const char*> kForeignEndings[] = {
    {".json", "say .jsonl for one JSON object a line"},
    {".gz", "pipe it: billing ... | gzip"},
    {".zst", "pipe it: billing ... | zstd"},
    {".tsv", "say .csv for a table"},
    {".xlsx", "say .csv for a table"},
    {".parquet", "say .csv or .jsonl for a table"}};

OutputFormat output_format_of(const BillFlags& flags) {
  if (flags.output_format) return choose("\1output-format", *flags.output_format, kFormats);
  const std::string path = flags.output ? lower_case(*flags.output) : "";
  if (path.ends_with(".csv")) return OutputFormat::csv;
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return OutputFormat::jsonl;
  for (const auto& [ending, advice] : kForeignEndings) {
    std::error_code ignored;
    if (!path.ends_with(ending) || std::filesystem::is_directory(*flags.output, ignored)) continue;
    throw Error(ErrorKind::configuration,
                fmt::format("\1output: {} ends in {}, but the bill would be plain text; {}, or "
                            "choose with \1output-format text, csv or jsonl",
                            quoted_text(*flags.output), ending, advice));
  }
  return OutputFormat::text;
}

RateSetting parse_rate_flag(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) {
    throw Error(ErrorKind::configuration,
                "\1rate: " + quoted_text(text) + " is not of the form task=0.005");
  }
  const std::string task = text.substr(0, equals);
  return {task, text.substr(equals + 1), "\1rate", task == "*"};
}

void set_prices(const BillFlags& flags, const Settings& settings, BillJob& job,
                Mistakes& mistakes) {
  std::vector<RateSetting> typed;
  for (const std::string& text : flags.rates) {
    const RateSetting rate = mistakes.attempt([&] { return parse_rate_flag(text); }, RateSetting{});
    if (!rate.source.empty()) typed.push_back(rate);
  }
  std::vector<std::string> found;
  job.prices =
      PriceBook::build({settings.env_file_rates, settings.environment_rates, typed}, found);
  mistakes.add_all(std::move(found));
}

void set_rounding(const BillFlags& flags, BillJob& job, Mistakes& mistakes) {
  if (flags.unrated) {
    job.unrated = mistakes.attempt([&] { return choose("\1unrated", *flags.unrated, kUnrated); },
                                   UnratedPolicy::unset);
  }
  if (const auto mode = parse_rounding(flags.rounding.value_or("half-up"))) {
    job.rounding.mode = *mode;
  } else {
    mistakes.add(describe_unknown("\1rounding", *flags.rounding, kRoundingNames));
  }
  if (!flags.scale) return;
  job.rounding.scale = static_cast<int>(mistakes.attempt(
      [&] { return parse_count("\1scale", *flags.scale, 0, kMoneyDecimals); }, std::uint64_t{2}));
}

void set_output(const BillFlags& flags, BillJob& job, Mistakes& mistakes) {
  job.started_s = std::time(nullptr);
  if (flags.output) job.output = *flags.output;
  if (job.output.empty()) mistakes.add("\1output: the name is empty; use - for standard output");
  job.output_format = mistakes.attempt([&] { return output_format_of(flags); }, OutputFormat::text);
  job.csv_safe = flags.csv_safe;
}

/// A partial is usage that is not rated: what only a bill has does not go with it. But records may
/// be rejected while it is made, by the rates that there are.
void set_partial(const BillFlags& flags, bool reads_records, BillJob& job, Mistakes& mistakes) {
  if (!flags.partial) return;
  job.partial = flags.partial;
  if (flags.partial->empty()) mistakes.add("\1partial: the name is empty");
  const auto refuse = [&mistakes](bool given, const char* option, const char* unless = "") {
    if (given) {
      mistakes.add(
          fmt::format("{} and \1partial exclude each other: a partial is not billed yet\2; see "
                      "billing merge\2{}",
                      option, unless));
    }
  };
  refuse(flags.output.has_value(), "\1output");
  refuse(flags.output_format.has_value(), "\1output-format");
  if (!reads_records || flags.unrated != "reject") {
    const char* const unless = reads_records ? "; but with \1unrated reject rates say which tasks "
                                               "are accepted, and records of others are rejects"
                                             : "";
    refuse(!flags.rates.empty(), "\1rate", unless);
    refuse(flags.unrated.has_value(), "\1unrated", unless);
  }
  refuse(flags.rounding.has_value(), "\1rounding");
  refuse(flags.scale.has_value(), "\1scale");
}

/// Checked at the start, not when the first file is spilled after most of the work.
void check_temporary_folder(const std::string& folder, Mistakes& mistakes) {
  if (folder.empty()) return mistakes.add("\1temp-dir: the name is empty");
  struct stat status {};
  int problem = 0;
  if (stat(folder.c_str(), &status) != 0) {
    problem = errno;
  } else if (!S_ISDIR(status.st_mode)) {
    problem = ENOTDIR;
  } else if (access(folder.c_str(), W_OK | X_OK) != 0) {
    problem = errno;
  }
  if (problem == 0) return;
  mistakes.add(fmt::format("\1temp-dir: {}: {}; name a folder that may be written to",
                           quoted_text(folder), std::strerror(problem)));
}

void set_resources(const BillFlags& flags, const Settings& settings, BillJob& job,
                   Mistakes& mistakes) {
  job.threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  if (flags.threads) {
    job.threads = mistakes.attempt([&] { return parse_threads(*flags.threads); }, 1U);
  }
  job.memory_limit_bytes = machine_memory_bytes() / 10 * 6;
  if (flags.memory_limit) {
    job.memory_limit_bytes = mistakes.attempt(
        [&] { return parse_bytes("\1memory-limit", *flags.memory_limit, kMinMemoryBytes); },
        job.memory_limit_bytes);
  }
  job.temp_folder = flags.temp_dir.value_or(settings.temp_folder);
  if (flags.temp_dir) check_temporary_folder(*flags.temp_dir, mistakes);
  if (flags.slice_bytes) {
    const auto slice_bytes = mistakes.attempt(
        [&] { return parse_count("\1slice-bytes", *flags.slice_bytes, 1, std::uint64_t{1} << 60); },
        std::uint64_t{0});
    job.knobs = std::make_shared<const EngineKnobs>(EngineKnobs{.slice_bytes = slice_bytes});
  }
}

}  // namespace

void set_bill(const BillFlags& flags, const Settings& settings, bool reads_records, BillJob& job,
              Mistakes& mistakes) {
  mistakes.attempt([&] { return choose("\1summary", flags.summary, kSummaries); }, false);
  set_output(flags, job, mistakes);
  job.settings_files = settings_files(flags.env_file);
  set_partial(flags, reads_records, job, mistakes);
  set_rounding(flags, job, mistakes);
  set_prices(flags, settings, job, mistakes);
  set_resources(flags, settings, job, mistakes);
}

}  // namespace billing
