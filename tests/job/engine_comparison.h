#pragma once

// The small language of the tests that run whole jobs: give logs and options, run an engine, look
// at all that it leaves behind.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "base/engine_knobs.h"
#include "billing/aggregate.h"
#include "billing/error.h"
#include "io/unique_fd.h"

namespace billing {

/// Everything that a user sees of a run, but for the time it took.
struct Outcome {
  std::string statement;
  std::string rejects;
  std::string duplicates;
  std::string error;  ///< `1: message` by its kind
  std::string warnings;
  std::string totals;
  bool operator==(const Outcome&) const = default;
};

inline void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << "statement:\n"
       << outcome.statement << "rejects:\n"
       << outcome.rejects << "duplicates:\n"
       << outcome.duplicates << "error: " << outcome.error << "\nwarnings: " << outcome.warnings
       << "\ntotals: " << outcome.totals << "\n";
}

/// How the parallel engine is made to run.
struct Variant {
  unsigned threads = 1;
  std::size_t chunk_bytes = kDefaultChunkBytes;
  bool wide_records = false;
  bool pipes = false;   ///< inputs of at most 64 KiB each
  bool spills = false;  ///< keeps no more than a chunk a thread in memory
};

inline void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.threads << " threads, chunks of " << variant.chunk_bytes << " bytes"
       << (variant.wide_records ? ", wide records" : "") << (variant.pipes ? ", pipes" : "")
       << (variant.spills ? ", spilled" : "");
}

inline CycleSettings cycles(const std::string& policy, const std::string& timezone = "UTC",
                            std::optional<int> anchor_day = std::nullopt) {
  return {policy, timezone, anchor_day};
}

inline PriceBook prices(const std::vector<std::pair<std::string, std::string>>& rates) {
  std::vector<RateSetting> settings;
  for (const auto& [task, decimal] : rates) settings.push_back({task, decimal, "--rate"});
  std::vector<std::string> mistakes;
  PriceBook book = PriceBook::build({settings}, mistakes);
  EXPECT_TRUE(mistakes.empty()) << mistakes.front();
  return book;
}

/// All seven.
inline std::vector<GroupBy> all_group_bys() {
  std::vector<GroupBy> all;
  for (int bits = 1; bits < 8; ++bits)
    all.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0});
  return all;
}

class EngineComparison : public testing::Test {
 protected:
  EngineComparison() : folder_(fast_folder() + "/billing_test_XXXXXX") {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    job.usage.cycles = cycles("calls:5");
    job.prices = prices({{"login", "0.005"}, {"createOrder", ".01"}});
    job.rejects = at("rejects.csv");
    job.output = at("bill");
  }
  ~EngineComparison() override { std::filesystem::remove_all(folder_); }

  std::string at(const std::string& name) const { return folder_ + "/" + name; }

  /// The job's inputs from now on.
  void read_files(std::vector<std::string> logs) { logs_ = std::move(logs); }
  void read_file(const std::string& log) { logs_ = {log}; }

  Outcome naive() {
    job.engine = EngineKind::naive;
    job.threads = 1;
    job.chunk_bytes = kDefaultChunkBytes;
    return run(false);
  }

  Outcome parallel(const Variant& variant = {}) {
    job.engine = EngineKind::parallel;
    job.threads = variant.threads;
    job.chunk_bytes = variant.chunk_bytes;
    job.knobs = std::make_shared<const EngineKnobs>(
        EngineKnobs{variant.wide_records, variant.spills ? 1U : 0U});
    return run(variant.pipes);
  }

  /// Runs both engines and compares all that they leave behind; each variant also with usage that
  /// goes to files. False after a difference.
  bool agree(const std::vector<Variant>& variants) {
    const Outcome expected = naive();
    for (const Variant& variant : variants) {
      if (!agrees(variant, expected) || !agrees(spilled(variant), expected)) return false;
    }
    return true;
  }

  bool agrees(const Variant& variant, const Outcome& expected) {
    const Outcome actual = parallel(variant);
    if (actual == expected) return true;
    EXPECT_EQ(actual, expected) << testing::PrintToString(variant) << "\nof the inputs "
                                << testing::PrintToString(logs_).substr(0, 4000);
    return false;
  }

  /// In some dozens of files.
  Variant spilled(Variant variant) const {
    std::size_t bytes = 0;
    for (const std::string& log : logs_) bytes += log.size();
    variant.chunk_bytes = std::max(variant.chunk_bytes, bytes / 40 + 1);
    if (variant.chunk_bytes > bytes / 2) variant.chunk_bytes = bytes / 10 + 1;
    variant.spills = true;
    return variant;
  }

  AggregateJob job;
  JobHooks hooks;  ///< but for `warn`

 private:
  /// As the program does: variants have more threads than there may be processors.
  const tbb::global_control permit_{tbb::global_control::max_allowed_parallelism, 64};

  /// In memory where the system has such a folder: thousands of results are synced.
  static std::string fast_folder() {
    return ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : testing::TempDir();
  }

  Outcome run(bool pipes) {
    std::vector<UniqueFd> ends = provide_inputs(pipes);
    Outcome outcome;
    std::mutex mutex;
    hooks.warn = [&](const std::string& warning) {
      const std::lock_guard lock(mutex);
      outcome.warnings += warning + "\n";
    };
    try {
      outcome.totals = describe(aggregate(job, hooks));
    } catch (const Error& error) {
      outcome.error = std::to_string(error.exit_code()) + ": " + error.what();
    }
    outcome.statement = take(job.output);
    if (job.rejects) outcome.rejects = take(*job.rejects);
    if (job.duplicates) outcome.duplicates = take(*job.duplicates);
    return outcome;
  }

  /// Files, or links of the same names to pipes, whose reading ends are returned.
  std::vector<UniqueFd> provide_inputs(bool pipes) {
    std::vector<UniqueFd> ends;
    job.inputs.clear();
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      job.inputs.push_back(at(std::to_string(i) + ".log"));
      std::filesystem::remove(job.inputs.back());
      if (pipes) {
        std::filesystem::create_symlink(
            "/dev/fd/" + std::to_string(ends.emplace_back(filled_pipe(logs_[i])).get()),
            job.inputs.back());
      } else {
        std::ofstream(job.inputs.back(), std::ios::binary) << logs_[i];
      }
    }
    return ends;
  }

  static UniqueFd filled_pipe(const std::string& text) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd write_end(ends[1]);
    EXPECT_LE(text.size(), 65'536u);
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return UniqueFd(ends[0]);
  }

  static std::string describe(const InputTotals& totals) {
    std::string text =
        std::to_string(totals.bytes) + " bytes, " + std::to_string(totals.records) + " records, " +
        std::to_string(totals.accepted) + " accepted, " + std::to_string(totals.events) +
        " events, " + std::to_string(totals.filtered) + " filtered, " +
        std::to_string(totals.duplicates) + " duplicates, " + std::to_string(totals.blank) +
        " blank, " + std::to_string(totals.directives) + " directives, " +
        std::to_string(totals.without_quantity) + " without a quantity, rejected";
    for (const std::uint64_t rejects : totals.rejected) text += " " + std::to_string(rejects);
    text += ", rounded " + std::to_string(totals.rounding.count) + " by ";
    append_amount(text, totals.rounding.by, kRoundingDigits);
    return text + ", from " + std::to_string(totals.earliest_ns) + " to " +
           std::to_string(totals.latest_ns) + "; ";
  }

  static std::string describe(const JobReport& report) {
    std::string text = describe(report.totals);
    for (const FilterReport& filter : report.filters)
      text += filter.where + " dropped " + std::to_string(filter.records) + "; ";
    for (const InputReport& input : report.inputs)
      text += input.name + ": " + describe(input.totals);
    append_amount(text, report.statement.billed, 0);
    text += " billed, exactly ";
    append_amount(text, report.statement.exact, kMoneyDecimals);
    for (const UnratedTask& task : report.unrated)
      text += "; unrated " + task.task + " " + std::to_string(task.calls);
    text += "; " + std::to_string(report.unrated_count) + " unrated with " +
            std::to_string(report.unrated_calls);
    for (const Rate& rate : report.used_rates) text += "; used " + rate.task;
    for (const Rate& rate : report.unused_rates) text += "; unused " + rate.task;
    return text;
  }

  /// Reads a result and takes it away, but only one of this test's own folder: a test may name a
  /// device as its output, which must stay.
  std::string take(const std::string& path) const {
    if (!path.starts_with(folder_ + "/") || !std::filesystem::is_regular_file(path))
      return "(none)";
    std::ifstream file(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    std::filesystem::remove(path);
    return content;
  }

  std::string folder_;
  std::vector<std::string> logs_;
};

}  // namespace billing
