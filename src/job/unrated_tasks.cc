#include "job/unrated_tasks.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/closest_word.h"
#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/job_report.h"

namespace billing {
namespace {

/// Tasks whose calls are brought together within a block before they are added to those of all
/// threads: enough for the tasks of most logs.
constexpr std::size_t kRecentTasks = 256;

struct TaskCalls {
  std::uint64_t calls;
  std::uint32_t task;

  /// Whether this one is named before the other.
  bool operator<(const TaskCalls& other) const {
    return calls != other.calls ? calls > other.calls : task < other.task;
  }
};

}  // namespace

UnratedTasks::UnratedTasks(const PriceBook& prices, const TaskNames& tasks, JobReport& report)
    : tasks_(tasks) {
  for (const Rate& rate : prices.rates()) {
    const std::size_t task = tasks.find(rate.task);
    if (task < tasks.size()) {
      rated_.push_back(static_cast<std::uint32_t>(task));
      report.used_rates.push_back(rate);
    } else {
      report.unused_rates.push_back(rate);
    }
  }
  if (const auto& others = prices.rate_of_all_others()) {
    const bool is_used = rated_.size() < tasks.size();
    (is_used ? report.used_rates : report.unused_rates).push_back(*others);
    has_others_ = true;
  }
  if (count() > 0) calls_ = std::vector<std::atomic<std::uint64_t>>(tasks.size());
}

void UnratedTasks::add(std::span<const Sum> rows) {
  if (calls_.empty()) return;
  std::array<TaskCalls, kRecentTasks> recent{};
  for (const Sum& row : rows) {
    TaskCalls& at = recent[row.task % kRecentTasks];
    if (at.task != row.task) {
      add_calls(at.task, at.calls);
      at = {0, row.task};
    }
    at.calls += row.calls;
  }
  for (const TaskCalls& at : recent) add_calls(at.task, at.calls);
}

void UnratedTasks::add_calls(std::uint32_t task, std::uint64_t calls) {
  if (calls > 0) calls_[task].fetch_add(calls, std::memory_order_relaxed);
}

void UnratedTasks::tell(JobReport& report) const {
  report.unrated_count = count();
  std::vector<TaskCalls> most;  // a heap; on top is the one that would be listed last
  auto next_rated = rated_.begin();
  for (std::uint32_t task = 0; task < calls_.size(); ++task) {
    if (next_rated != rated_.end() && *next_rated == task) {
      ++next_rated;
      continue;
    }
    const TaskCalls at{calls_[task].load(std::memory_order_relaxed), task};
    report.unrated_calls += at.calls;
    if (most.size() == kMaxReported) {
      if (!(at < most.front())) continue;
      std::pop_heap(most.begin(), most.end());
      most.pop_back();
    }
    most.push_back(at);
    std::push_heap(most.begin(), most.end());
  }
  std::sort_heap(most.begin(), most.end());
  for (const TaskCalls& at : most)
    report.unrated.push_back({std::string(tasks_[at.task]), at.calls});
}

std::string describe_unrated(const JobReport& report) {
  return listed(report.unrated.size(), report.unrated_count,
                [&report](std::string& out, std::size_t i) {
                  const UnratedTask& unrated = report.unrated[i];
                  out += quoted_text(unrated.task) + " (" + counted(unrated.calls, "call") + ")";
                });
}

namespace {

/// A hint for the first of these tasks that resembles a rate nobody used.
std::string suggest_rates_for(const JobReport& report, const std::vector<std::string_view>& tasks) {
  std::vector<std::string_view> unused;
  unused.reserve(report.unused_rates.size());
  for (const Rate& rate : report.unused_rates) unused.push_back(rate.task);
  for (std::size_t i = 0; i < std::min(tasks.size(), kMaxListed); ++i) {
    const std::string_view task = tasks[i];
    const std::string_view closest = closest_word(task, unused);
    if (closest.empty()) continue;
    return "; no call used the rate of " + quoted_text(closest) + ": did you mean " +
           quoted_text(task) + "?";
  }
  return "";
}

}  // namespace

std::string suggest_rates(const JobReport& report, const TaskNames& tasks) {
  std::vector<std::string_view> first(std::min(tasks.size(), kMaxListed));
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = tasks[i];
  return suggest_rates_for(report, first);
}

std::string suggest_rates(const JobReport& report) {
  std::vector<std::string_view> tasks;
  tasks.reserve(report.unrated.size());
  for (const UnratedTask& unrated : report.unrated) tasks.push_back(unrated.task);
  return suggest_rates_for(report, tasks);
}

}  // namespace billing
