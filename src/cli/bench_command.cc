// `billing bench`: the engines side by side on the same input, results compared before any time is
// believed.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/escape_text.h"
#include "base/split_list.h"
#include "cli/bench_report.h"
#include "cli/command.h"
#include "cli/measured_run.h"
#include "cli/print.h"
#include "generate/log_generator.h"
#include "io/output_file.h"
#include "options/numbers.h"
#include "options/settings.h"
#include "options/usage_flags.h"

namespace billing::cli {
namespace {

struct BenchFlags {
  std::optional<std::string> input;
  std::optional<std::string> records;
  std::optional<std::string> users;
  UsageFlags usage;
  bool naive = false;
  bool parallel = false;
  std::optional<std::string> threads;
  std::string repeat = "5";
  bool passes = false;
  bool json = false;
};

/// A folder for inputs and results that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "billing-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw Error(ErrorKind::run,
                  "cannot make a temporary folder " + name + "; set TMPDIR to a folder with room");
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::vector<unsigned> parse_thread_list(const std::string& text) {
  std::vector<unsigned> threads;
  for (const std::string_view part : split_list(text))
    threads.push_back(parse_threads(std::string(part)));
  return threads;
}

/// The tasks of generated logs have the rates of .env.example; others are billed as 0.
PriceBook bench_prices() {
  std::vector<std::string> mistakes;
  return PriceBook::build({{{"login", "0.005", "bench"},
                            {"getUserProfile", "0.002", "bench"},
                            {"createOrder", "0.010", "bench"},
                            {"updateInventory", "0.008", "bench"},
                            {"deleteOrder", "0.007", "bench"}}},
                          mistakes);
}

struct BenchPlan {
  AggregateJob job;
  LogGeneratorOptions log;
  std::vector<unsigned> threads;  ///< of the parallel engine
  bool naive = true;
  bool parallel = true;
  std::uint64_t repeats = 5;
};

BenchPlan make_plan(const BenchFlags& flags, Mistakes& mistakes) {
  BenchPlan plan;
  const auto count = [&](const char* option, const std::optional<std::string>& text,
                         std::uint64_t otherwise, std::uint64_t low, std::uint64_t high) {
    if (!text) return otherwise;
    return mistakes.attempt([&] { return parse_count(option, *text, low, high); }, otherwise);
  };
  if (flags.input && (flags.records || flags.users)) {
    mistakes.add(
        "--input and --records/--users exclude each other: bench a log, or a generated one");
  }
  std::error_code missing;
  if (flags.input && std::filesystem::file_size(*flags.input, missing) == 0) {
    mistakes.add("--input: " + quoted_text(*flags.input) + " is empty");
  } else if (flags.input && !std::filesystem::is_regular_file(*flags.input, missing)) {
    mistakes.add("--input: " + quoted_text(*flags.input) +
                 " is no file; each run reads it anew, which a pipe does not allow");
  }
  plan.log.order = LogGeneratorOptions::Order::shuffled;
  plan.log.records =
      count("--records", flags.records, 1'000'000, 1, LogGeneratorOptions::kMaxRecords);
  plan.log.users = count("--users", flags.users, 1000, 1, ZipfRanks::kMaxUsers);
  plan.repeats = count("--repeat", flags.repeat, 5, 1, 1000);
  plan.naive = flags.naive || !flags.parallel;
  plan.parallel = flags.parallel || !flags.naive;
  plan.threads = {std::max(1U, std::thread::hardware_concurrency())};
  if (flags.threads) {
    plan.threads =
        mistakes.attempt([&] { return parse_thread_list(*flags.threads); }, plan.threads);
  }
  AggregateJob& job = plan.job;
  job.mediation.simd = read_simd_level(mistakes);
  job.unrated = UnratedPolicy::zero;
  job.prices = bench_prices();
  job.output_format = OutputFormat::csv;
  job.usage = choose_usage(flags.usage, mistakes);
  return plan;
}

bool equal_files(const std::string& a, const std::string& b) {
  std::ifstream file_a(a, std::ios::binary);
  std::ifstream file_b(b, std::ios::binary);
  std::vector<char> block_a(1 << 20);
  std::vector<char> block_b(1 << 20);
  while (true) {
    file_a.read(block_a.data(), static_cast<std::streamsize>(block_a.size()));
    file_b.read(block_b.data(), static_cast<std::streamsize>(block_b.size()));
    if (file_a.gcount() != file_b.gcount() || file_a.bad() || file_b.bad()) return false;
    if (file_a.gcount() == 0) return true;
    if (!std::equal(block_a.begin(), block_a.begin() + file_a.gcount(), block_b.begin())) {
      return false;
    }
  }
}

/// Runs every engine in turn: once to warm up, then as often as wanted, A B C A B C. Each result
/// must equal the first one.
std::vector<BenchRow> measure(const BenchPlan& plan, const TemporaryFolder& folder) {
  std::vector<BenchRow> rows;
  if (plan.naive) rows.push_back({EngineKind::naive, 1, {}});
  if (plan.parallel) {
    for (const unsigned threads : plan.threads) rows.push_back({EngineKind::parallel, threads, {}});
  }
  const std::string reference = folder.file("reference.csv");
  const std::string rejects = folder.file("rejects.csv");
  const std::string reference_rejects = folder.file("reference_rejects.csv");
  for (std::uint64_t round = 0; round <= plan.repeats; ++round) {
    for (BenchRow& row : rows) {
      const bool first = round == 0 && &row == &rows.front();
      AggregateJob job = plan.job;
      job.engine = row.engine;
      job.threads = row.threads;
      job.output = first ? reference : folder.file("result.csv");
      job.rejects = first ? reference_rejects : rejects;
      const Measurement measurement = run_measured(job);
      if (!first &&
          (!equal_files(reference, job.output) || !equal_files(reference_rejects, *job.rejects))) {
        throw Error(ErrorKind::run,
                    fmt::format("the results of {} and {} differ; please report this",
                                rows.front().name(), row.name()));
      }
      if (round > 0) row.runs.push_back(measurement);
    }
  }
  return rows;
}

int run_bench(const BenchFlags& flags, Mistakes& mistakes) {
  BenchPlan plan = make_plan(flags, mistakes);
  mistakes.report();
  const TemporaryFolder folder;
  if (flags.input) {
    plan.job.inputs = {*flags.input};
  } else {
    plan.job.inputs = {folder.file("input.log")};
    run_apart([&plan] {
      const auto output = OutputFile::open(plan.job.inputs.front(), std::nullopt);
      generate_log(plan.log, std::max(1U, std::thread::hardware_concurrency()),
                   [&output](std::string_view bytes) { output->append(bytes); });
      output->commit();
    });
  }
  const std::vector<BenchRow> rows = measure(plan, folder);
  print(flags.json ? bench_json(rows) : bench_table(rows, flags.passes));
  return 0;
}

}  // namespace

Action set_up_bench(CommandOptions& options) {
  auto flags = std::make_shared<BenchFlags>();
  options.add(
      {.names = "--naive", .purpose = "Time the sequential baseline", .target = &flags->naive});
  options.add({.names = "--parallel",
               .purpose = "Time the parallel engine. Default: both",
               .target = &flags->parallel});
  options.add({.names = "-i,--input",
               .value = "FILE",
               .purpose = "Bench this log. Default: a generated one",
               .target = &flags->input,
               .completes = Completion::file});
  options.add({.names = "-n,--records",
               .value = "N",
               .purpose = "Size of the generated log. Default: 1000000",
               .target = &flags->records});
  options.add({.names = "-u,--users",
               .value = "N",
               .purpose = "Users of the generated log. Default: 1000",
               .target = &flags->users});
  add_usage_options(options, flags->usage, options.options.front().group);
  options.add({.names = "--threads",
               .value = "LIST",
               .purpose = "Thread counts of the parallel engine, e.g. 1,2. Default: one for each "
                          "processor",
               .target = &flags->threads});
  options.add({.names = "--repeat",
               .value = "N",
               .purpose = "Runs of each engine that count, after one to warm up",
               .target = &flags->repeat});
  options.add({.names = "--passes",
               .purpose = "Also the median time of each pass",
               .target = &flags->passes});
  options.add({.names = "--json",
               .purpose = "One JSON object instead of the table",
               .target = &flags->json});
  options.notes = {
      "Engines take turns, each run in a process of its own with its result synced to disk. "
      "Results are compared byte for byte; a difference ends the bench with exit code 1."};
  options.examples = {
      {"billing bench --naive --parallel --records 5000000 --threads 1,2",
       "Both engines on a generated log, the parallel one with one thread and with two"}};
  return [flags](Mistakes& mistakes) { return run_bench(*flags, mistakes); };
}

}  // namespace billing::cli
